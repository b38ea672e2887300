"""The rules in force."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fairdue.desk import clock
from fairdue.desk.pages import rulebook
from fairdue.staff.policies import grant


@grant("rules")
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule in force on a day, with words, source, dates, examples; each pack with version and hash."""
    try:
        on = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        on = clock.today()
    words, former = request.GET.get("q", "")[:80], request.GET.get("former") == "1"
    books = rulebook.books(on=on, words=words, former=former)
    shown = {
        "books": books, "on": on, "words": words, "former": former, "count": sum(len(book.rules) for book in books),
        "today": clock.today(),
    }  # fmt: skip
    return render(request, "desk/rules/rules.html", shown)
