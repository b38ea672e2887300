"""Addresses of the borrower's page; none of them says what it is about."""

from django.urls import path

from fairdue.portal.views import door, pages, pay

app_name = "portal"
urlpatterns = [
    path("", door.closed, name="closed"),
    path("k/<str:token>/", door.key, name="key"),
    path("language/", door.language, name="language"),
    path("leave/", door.leave, name="leave"),
    path("1/", pages.home, name="home"),
    path("1/<int:account>.pdf", pages.statement, {"kind": "pdf"}, name="statement-pdf"),
    path("1/<int:account>.csv", pages.statement, {"kind": "csv"}, name="statement-csv"),
    path("2/", pages.arrange, name="arrange"),
    path("2/begin/", pay.begin, name="begin"),
    path("2/<str:reference>/", pay.payment, name="payment"),
    path("2/<str:reference>/pretend/", pay.pretend, name="pretend"),
    path("3/", pages.rights, name="rights"),
    path("4/", pages.reach, name="reach"),
    path("5/", pages.say, name="say"),
    path("hook/", pay.hook, name="hook"),
]
