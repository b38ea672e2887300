"""Compliance: every verdict, one verdict with its grounds, the export."""

from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from fairdue.desk import clock, words
from fairdue.desk.asking import Query
from fairdue.desk.pages import facts
from fairdue.desk.pages import verdicts as pages
from fairdue.journal import services as journal
from fairdue.staff.models import User
from fairdue.staff.policies import grant

A_PAGE = 50


class Bounded(Paginator):  # type: ignore[type-arg]
    """Counts no further than COUNTED_TO, so that a page of millions costs what a page of thousands does."""

    @cached_property
    def count(self) -> int:
        """Rows, at most COUNTED_TO."""
        return int(cast(QuerySet[Any], self.object_list)[: pages.COUNTED_TO].count())

    @property
    def bounded(self) -> bool:
        """Whether there are more than were counted."""
        return self.count == pages.COUNTED_TO


@grant("verdicts")
def verdicts(request: HttpRequest) -> HttpResponse:
    """Every verdict of a filter, with counts per decision and rule."""
    query = Query(request.GET)
    chosen = pages.filters(query, today=clock.today())
    page = Bounded(pages.listed(pages.found(chosen)), A_PAGE).get_page(request.GET.get("page"))
    counts = pages.counts(chosen)
    shown = {
        "page": page,
        "chosen": chosen,
        "unread": [*query.unread, *pages.former_rule(chosen)],
        "counts": counts,
        "decisions": [
            (code, words.DECISIONS[code], words.TONES[code], dict(counts.decisions).get(code, 0))
            for code in words.DECISIONS
        ],
        "channels": words.CHANNELS.items(),
        "now": clock.now(),
        **pages.choices(),
    }
    return render(request, "desk/compliance/verdicts.html", shown)


@grant("verdicts")
def verdict(request: HttpRequest, verdict: int) -> HttpResponse:
    """One verdict: what was asked, facts seen, rules with their sources, packs, what followed. `?all=1`: also the rules
    that had nothing against it."""
    found = get_object_or_404(pages.one(), pk=verdict)
    again = pages.replay(found)
    grounds = pages.grounds(found, again)
    attempt, seen = pages.attempt_of(found), facts.seen(found.facts)
    shown = {
        "verdict": found,
        "objected": [ground for ground in grounds if not ground.duty],
        "duties": [ground for ground in grounds if ground.duty],
        "packs": pages.judged_by(found, again),
        "replay": again,
        "passed": again.passed if again and "all" in request.GET else None,
        "attempt": attempt,
        "permit": getattr(attempt, "permit", None),
        "outcomes": attempt.outcomes.all() if attempt else [],
        "found_words": pages.found_words(found),
        "word_lists": (found.content or {}).get("lists", {}).items(),
        "seen": seen,
        "told": [fact for fact in seen.facts if not fact.usual] if seen else [],
        "usual": [fact for fact in seen.facts if fact.usual] if seen else [],
    }
    journal.write(
        "verdict.seen", by=cast(User, request.user), subject="verdict", subject_id=found.pk, person_id=found.person_id
    )
    return render(request, "desk/compliance/verdict.html", shown)


@grant("verdicts")
def export(request: HttpRequest) -> HttpResponseBase:
    """The filter as CSV, streamed; journalled first, and every line says whose export it is. A filter that cannot be
    read exports nothing: the page says what is wrong with it."""
    user, query, now = cast(User, request.user), Query(request.GET), clock.now()
    chosen = pages.filters(query, today=clock.today())
    if query.unread:
        return redirect(f"{reverse('desk:verdicts')}?{request.GET.urlencode()}")
    found = pages.found(chosen)
    entry = journal.write(
        "verdicts.exported", by=user, subject="export", rows=found.count(), filter=chosen.query, at=now.isoformat()
    )
    at = timezone.localtime(now)
    mark = f"{user.get_username()} {at:%Y-%m-%d %H:%M} #{entry.pk}"
    head = [f"Fairdue verdicts, exported by {user.get_username()} at {at.isoformat(timespec='seconds')}",
            f"journal entry {entry.pk}; filter {chosen.query}"]  # fmt: skip
    response = StreamingHttpResponse(pages.export(found, mark=mark, head=head), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="verdicts-{chosen.since}-{chosen.until}-{entry.pk}.csv"'
    response["Cache-Control"] = "no-store"
    return response
