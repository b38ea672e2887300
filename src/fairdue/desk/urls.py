"""Addresses of the desk."""

from django.urls import path

from fairdue.desk.views import sign_in

app_name = "desk"
urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("", sign_in.home, name="home"),
]
