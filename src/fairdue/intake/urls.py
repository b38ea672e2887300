"""Addresses of intake's pages."""

from django.urls import path

from fairdue.intake import views

app_name = "intake"
urlpatterns = [
    path("files/", views.files, name="files"),
    path("files/creditor/", views.add_creditor, name="add-creditor"),
    path("files/upload/", views.upload, name="upload"),
    path("files/<int:load>/", views.file, name="file"),
    path("files/<int:load>/mapping/", views.remap, name="remap"),
    path("files/<int:load>/load/", views.confirm, name="confirm"),
    path("files/<int:load>/discard/", views.discard, name="discard"),
    path("files/<int:load>/returned/", views.returned, name="returned"),
    path("repair/", views.repair, name="repair"),
    path("repair/file/", views.repair_file, name="repair-file"),
    path("repair/<int:account>/document/", views.add_document, name="add-document"),
]
