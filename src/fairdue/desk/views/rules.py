"""The rules: those in force, one of them, what changed between two days."""

from datetime import timedelta
from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from fairdue.desk import clock
from fairdue.desk.asking import Query
from fairdue.desk.pages import rulebook, rulechanges
from fairdue.desk.pages import verdicts as verdict_pages
from fairdue.staff.models import User
from fairdue.staff.policies import grant, may


@grant("rules")
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule in force on a day, with words, source and dates; each pack with version and hash."""
    query = Query(request.GET)
    chosen = rulebook.filters(query, today=clock.today())
    books = rulebook.books(chosen)
    shown = {
        "books": books, "chosen": chosen, "count": sum(len(book.rules) for book in books), "today": clock.today(),
        "total": rulebook.total(chosen), "unread": query.unread,
        **rulebook.choices(),
    }  # fmt: skip
    return render(request, "desk/rules/rules.html", shown)


@grant("rules")
def rule(request: HttpRequest, pack: str, rule: str) -> HttpResponse:
    """One rule: what it says and does, to whom, where it is written, its examples judged now, how often it spoke.
    `?on=`: as it stood on another day."""
    query, today = Query(request.GET), clock.today()
    on = query.day("on", _("In force on")) or today
    kept = rulebook.one(pack, rule, on=on)
    if kept is None:
        raise Http404
    present = kept if on == today else rulebook.one(pack, rule, on=today)
    ran = kept.ran
    shown = {
        "kept": kept, "on": on, "today": today, "unread": query.unread,
        "same": on != today and present is not None
        and (present.source, present.rule.decision, present.binds) == (kept.source, kept.rule.decision, kept.binds),
        "coming": rulechanges.coming(kept, today=today) if on == today else [], "kin": rulebook.kin(kept),
        "ran": ran, "failed": sum(1 for _told, _want, bad in ran if bad),
        "grades": rulebook.CONFIDENCE.items(),
        "spoken": verdict_pages.spoken(kept.rule.id, today=today)
        if may(cast(User, request.user), "verdicts") else None,
    }  # fmt: skip
    return render(request, "desk/rules/rule.html", shown)


@grant("rules")
def changes(request: HttpRequest) -> HttpResponse:
    """What came, went and changed between two days."""
    today = clock.today()
    query = Query(request.GET)
    since, until = query.days(("since", _("In force on")), ("until", _("against those on")))
    until = until or max(today, since or today)
    since = since or until - timedelta(days=365)
    shown = {
        "since": since, "until": until, "changes": rulechanges.between(since, until), "unread": query.unread,
    }  # fmt: skip
    return render(request, "desk/rules/changes.html", shown)
