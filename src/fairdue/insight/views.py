"""Results: the page, each panel, the rows behind every figure."""

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from fairdue.accounts.models import Account, Payment
from fairdue.agreements.models import Plan, Promise
from fairdue.cases.models import Case
from fairdue.contact.models import Attempt
from fairdue.insight import asking, export
from fairdue.insight.panels import names
from fairdue.insight.panels import panel as panel_of
from fairdue.insight.queries import buckets, contacts, plans, promises, recovered, rolls
from fairdue.insight.queries.scope import Filters, creditors, currencies, teams
from fairdue.insight.words import KIND_WORDS, MEASURES, WAY_WORDS, WHICH
from fairdue.journal import services as journal
from fairdue.staff.models import Role, User
from fairdue.staff.policies import grant

A_PAGE = 50
CSV = "rows-csv"


@dataclass(frozen=True)
class Total:
    """A sum over all rows behind a figure: how many, and what they come to, where either says something."""

    name: Any
    rows: int | None = None
    cents: int | None = None


def _asked(request: HttpRequest) -> Filters:
    return asking.filters(request.GET, user=cast(User, request.user), today=timezone.localdate())


def _tell_unread(request: HttpRequest) -> None:
    """Say on the page what of its address was not used; a panel within a page leaves that to the page."""
    if not request.headers.get("HX-Request"):
        for text in asking.unread(request.GET, today=timezone.localdate()):
            messages.warning(request, text)


@grant("results")
def results(request: HttpRequest) -> HttpResponse:
    """The page: filters, and a panel for each measure that fetches itself."""
    filters = _asked(request)
    _tell_unread(request)
    shown = {
        "filters": filters,
        "query": asking.as_query(filters),
        "measures": MEASURES,
        "creditors": creditors(filters.user),
        "teams": teams(filters.user),
        "currencies": currencies(filters.user),
        "presets": [
            (name, asking.as_query(filters, since=since, until=until), (since, until) == (filters.since, filters.until))
            for name, since, until in asking.presets(timezone.localdate())
        ],
    }
    return render(request, "insight/results.html", shown)


@grant("results")
def panel(request: HttpRequest, name: str) -> HttpResponse:
    """One measure: alone as a page, or its panel for the page that asked by HTMX."""
    filters = _asked(request)
    _tell_unread(request)
    try:
        made = panel_of(name, filters)
    except KeyError:
        raise Http404 from None
    shown = {"panel": made, "filters": filters, "query": asking.as_query(filters), **made.shown}
    if made.latest is not None:
        since = made.latest.replace(day=1)
        shown["latest_query"] = asking.as_query(filters, since=since, until=made.latest)
    template = "insight/panel.html" if request.headers.get("HX-Request") else "insight/alone.html"
    return render(request, template, shown)


@grant("results")
def rows(request: HttpRequest, what: str) -> HttpResponse:
    """The rows a figure is made of, by pages."""
    filters = _asked(request)
    _tell_unread(request)
    shown = _listed(request, filters, what)
    shown |= {"what": what, "filters": filters, "query": asking.as_query(filters), "names": names(filters)}
    shown["csv"] = f"{reverse('insight:rows-csv', args=[what])}?{request.GET.urlencode()}"
    return render(request, f"insight/rows/{what}.html", shown)


@grant("results")
def rows_csv(request: HttpRequest, what: str) -> HttpResponseBase:
    """The same rows as CSV, streamed; journalled first, and every line says whose export it is."""
    filters, now = _asked(request), timezone.now()
    shown = _listed(request, filters, what)
    found = shown["page"]
    asked = {name: value for name, value in request.GET.items() if name not in asking.NAMES}
    query = asking.as_query(filters, **asked)
    entry = journal.write(
        "results.exported", by=filters.user, subject="export", what=what, rows=len(found), filter=query,
        at=now.isoformat(),
    )  # fmt: skip
    at, who = timezone.localtime(now), filters.user.get_username()
    head = [f"Fairdue results: {what}, exported by {who} at {at.isoformat(timespec='seconds')}",
            f"journal entry {entry.pk}; filter {query}"]  # fmt: skip
    if found.paginator.count > export.MOST:
        head.append(f"the first {export.MOST} of {found.paginator.count} rows; ask for less")
    lines = export.lines(what, shown.get("lines", found), head=head, mark=f"{who} {at:%Y-%m-%d %H:%M} #{entry.pk}")
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{what}-{filters.since}-{filters.until}-{entry.pk}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _listed(request: HttpRequest, filters: Filters, what: str) -> dict[str, Any]:
    listing = {
        "accounts": _accounts, "rolls": _rolls, "promises": _promises, "calls": _calls, "payments": _payments,
        "plans": _plans,
    }.get(what)  # fmt: skip
    if listing is None:
        raise Http404
    return listing(request, filters)


def _page(request: HttpRequest, found: Any) -> Any:
    whole = request.resolver_match is not None and request.resolver_match.url_name == CSV
    return (
        Paginator(found, export.MOST).get_page(1)
        if whole
        else Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    )


def _whole(request: HttpRequest, name: str, most: int) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= most else None


def _accounts(request: HttpRequest, filters: Filters) -> dict[str, Any]:
    bucket = _whole(request, "bucket", 7)
    late = "late" in request.GET
    found = buckets.behind(filters, bucket=bucket, late=late)
    case = Case.objects.filter(person=OuterRef("account__debtor"), creditor=OuterRef("account__creditor")).values("pk")[
        :1
    ]
    sums = found.order_by().aggregate(n=Count("pk"), balance=Sum("balance"), late=Sum("past_due"))
    totals = [
        Total(_("Accounts"), sums["n"]), Total(_("Balance"), cents=sums["balance"]), Total(_("Past due"), cents=sums["late"])
    ]  # fmt: skip
    page = _page(request, found.annotate(case_id=Subquery(case)))
    return {"page": page, "totals": totals, "bucket": bucket, "late": late}


def _rolls(request: HttpRequest, filters: Filters) -> dict[str, Any]:
    start, end = (asking.read_day(request.GET.get(name)) for name in ("start", "end"))
    bucket, to = _whole(request, "bucket", 7), _whole(request, "to", 7)
    way = request.GET.get("way", "all")
    if start is None or end is None or bucket is None or way not in WAY_WORDS or start >= end:
        raise Http404
    page = _page(request, rolls.behind(filters, start=start, end=end, bucket=bucket, way=way, to=to))
    moved = list(page)
    found = Account.objects.filter(pk__in=[one.account for one in moved]).select_related("creditor", "ageing")
    known = _with_case(found)
    lines = [{"account": known[one.account], "rolled": one} for one in moved]
    return {"page": page, "lines": lines, "start": start, "end": end, "bucket": bucket, "to": to, "way": WAY_WORDS[way]}


def _with_case(accounts: QuerySet[Account]) -> dict[int, Account]:
    case = Case.objects.filter(person=OuterRef("debtor"), creditor=OuterRef("creditor")).values("pk")[:1]
    return {account.pk: account for account in accounts.annotate(case_id=Subquery(case))}


def _promises(request: HttpRequest, filters: Filters) -> dict[str, Any]:
    status = request.GET.get("status", "")
    status = status if status in promises.JUDGED else ""
    word = dict(Promise.Status.choices).get(status, "")
    found = promises.behind(filters, status=status, part=_part(request, filters))
    counts = promises.counts(found)
    totals = [
        Total(_("Kept"), counts.kept), Total(_("Partly kept"), counts.partly), Total(_("Broken"), counts.broken),
        Total(_("Promised"), cents=counts.promised), Total(_("Received for them"), cents=counts.received),
    ]  # fmt: skip
    return {"page": _page(request, found), "totals": totals, "status": word}


def _part(request: HttpRequest, filters: Filters) -> tuple[str, int | None] | None:
    """`?by=bucket&key=2`: the promises of one part; `key=none` those of nobody known."""
    what, key = request.GET.get("by", ""), request.GET.get("key", "")
    if what not in promises.BY or (what == "collector" and filters.user.role == Role.CREDITOR):
        return None
    number = int(key) if key.isascii() and key.isdigit() and len(key) < 18 else None
    return (what, number) if number is not None or key == "none" else None


def _plans(request: HttpRequest, filters: Filters) -> dict[str, Any]:
    status = request.GET.get("status", "")
    status = status if status in Plan.Status.values else ""
    heavy, relief = "heavy" in request.GET, "relief" in request.GET
    words: list[Any] = (
        [dict(Plan.Status.choices).get(status, "")]
        + [_("beyond the policy")] * heavy
        + [_("something let go")] * relief
    )
    after = _whole(request, "after", 999)
    if after is not None:
        again = "again" in request.GET
        words = [_("completed %(n)s days ago or more") % {"n": after}] + [_("past due again")] * again
        found = plans.behind_relapses(filters, days=after, again=again)
    else:
        found = plans.behind(filters, status=status, heavy=heavy, relief=relief)
    return {"page": _page(request, found), "status": " · ".join(str(word) for word in words if word)}


def _calls(request: HttpRequest, filters: Filters) -> dict[str, Any]:
    which = request.GET.get("which", "calls")
    which = which if which in WHICH else "calls"
    hour = _whole(request, "hour", 23)
    page = _page(request, contacts.behind(filters, which=which, hour=hour))
    found = list(page)
    calls = Attempt.objects.filter(pk__in=[pk for pk, _result in found]).select_related("creditor", "account", "by")
    case = Case.objects.filter(person=OuterRef("person"), creditor=OuterRef("creditor")).values("pk")[:1]
    known = {call.pk: call for call in calls.annotate(case_id=Subquery(case))}
    lines = [{"call": known[pk], "result": result} for pk, result in found]
    return {"page": page, "lines": lines, "which": WHICH[which], "hour": hour}


def _payments(request: HttpRequest, filters: Filters) -> dict[str, Any]:
    case = Case.objects.filter(person=OuterRef("account__debtor"), creditor=OuterRef("account__creditor")).values("pk")[
        :1
    ]
    kind = request.GET.get("kind", "")
    kind = kind if kind in Payment.Kind.values else ""
    listed = recovered.behind(filters, kind=kind)
    by_kind = {row["kind"]: row for row in listed.order_by().values("kind").annotate(n=Count("pk"), sum=Sum("cents"))}
    signs = {Payment.Kind.PAYMENT: 1, Payment.Kind.REVERSAL: -1, Payment.Kind.REFUND: -1}
    totals = [
        Total(KIND_WORDS[one], by_kind[one]["n"], sign * by_kind[one]["sum"])
        for one, sign in signs.items() if one in by_kind
    ]  # fmt: skip
    if not kind:
        totals.append(Total(_("Recovered"), cents=sum(total.cents or 0 for total in totals)))
    found: QuerySet[Payment] = listed.annotate(case_id=Subquery(case))
    return {"page": _page(request, found), "totals": totals, "kind": KIND_WORDS.get(kind, "")}
