"""Addresses of the desk."""

from django.urls import path

from fairdue.desk.views import search, sign_in, today

app_name = "desk"
urlpatterns = [
    path("", sign_in.home, name="home"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-in/code/", sign_in.second_factor, name="second-factor"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("profile/", sign_in.profile, name="profile"),
    path("profile/second-factor/", sign_in.second_factor_setup, name="second-factor-setup"),
    path("profile/second-factor/remove/", sign_in.second_factor_remove, name="second-factor-remove"),
    path("language/", sign_in.language, name="language"),
    path("today/", today.today, name="today"),
    path("next/", today.next_case, name="next"),
    path("search/", search.search, name="search"),
]
