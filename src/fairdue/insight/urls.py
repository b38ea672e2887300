"""Addresses of the results."""

from django.urls import path

from fairdue.insight import views

app_name = "insight"
urlpatterns = [
    path("", views.results, name="results"),
    path("rows/<str:what>/", views.rows, name="rows"),
    path("rows/<str:what>/csv/", views.rows_csv, name="rows-csv"),
    path("<str:name>/", views.panel, name="panel"),
]
