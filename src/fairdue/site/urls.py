"""Addresses."""

from django.urls import include, path

urlpatterns = [
    path("results/", include("fairdue.insight.urls")),
    path("intake/", include("fairdue.intake.urls")),
    path("evidence/", include("fairdue.evidence.urls")),
    path("", include("fairdue.desk.urls")),
]

handler403 = "fairdue.desk.views.errors.forbidden"
handler404 = "fairdue.desk.views.errors.missing"
handler500 = "fairdue.desk.views.errors.broken"
