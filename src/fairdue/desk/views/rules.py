"""The rules: those in force, one of them, what changed between two days."""

from datetime import timedelta
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from fairdue.desk import clock
from fairdue.desk.pages import rulebook, rulechanges
from fairdue.desk.pages import verdicts as verdict_pages
from fairdue.desk.pages.verdicts import read_day, unread_days
from fairdue.staff.models import User
from fairdue.staff.policies import grant, may


@grant("rules")
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule in force on a day, with words, source and dates; each pack with version and hash."""
    chosen = rulebook.filters(request.GET, today=clock.today())
    books = rulebook.books(chosen)
    shown = {
        "books": books, "chosen": chosen, "count": sum(len(book.rules) for book in books), "today": clock.today(),
        "total": rulebook.total(chosen), "unread": rulebook.unread(request.GET),
        **rulebook.choices(),
    }  # fmt: skip
    return render(request, "desk/rules/rules.html", shown)


@grant("rules")
def rule(request: HttpRequest, pack: str, rule: str) -> HttpResponse:
    """One rule: what it says and does, to whom, where it is written, its examples judged now, how often it spoke."""
    kept = rulebook.one(pack, rule, on=clock.today())
    if kept is None:
        raise Http404
    ran = kept.ran
    shown = {
        "kept": kept, "coming": rulechanges.coming(kept, today=clock.today()), "kin": rulebook.kin(kept),
        "ran": ran, "failed": sum(1 for _told, _want, bad in ran if bad),
        "grades": rulebook.CONFIDENCE.items(),
        "spoken": verdict_pages.spoken(kept.rule.id, today=clock.today())
        if may(cast(User, request.user), "verdicts") else None,
    }  # fmt: skip
    return render(request, "desk/rules/rule.html", shown)


@grant("rules")
def changes(request: HttpRequest) -> HttpResponse:
    """What came, went and changed between two days."""
    today = clock.today()
    for text in unread_days(request.GET):
        messages.warning(request, text)
    since = read_day(request.GET.get("since")) or today - timedelta(days=365)
    until = read_day(request.GET.get("until")) or today
    since, until = min(since, until), max(since, until)
    shown = {"since": since, "until": until, "changes": rulechanges.between(since, until)}
    return render(request, "desk/rules/changes.html", shown)
