"""The kit: every page builds its screens of these (docs/ui.md shows each with an example)."""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache, wraps
from typing import Any

from django import template
from django.core.paginator import Page
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from fairdue.agreements.wording import size
from fairdue.contact.services import THIRD
from fairdue.desk import clock, words, writing
from fairdue.desk.pages import rulebook
from fairdue.law import codes
from fairdue.law.packs import Pack, Rule
from fairdue.money.amount import format_amount

register = template.Library()
VERDICT_ICONS = ("circle-check", "alert-circle", "hand-stop", "circle-x")
"""By `codes.Decision`."""

_WRITING: dict[str, Callable[..., str]] = {
    "day": writing.day,
    "short_day": writing.short_day,
    "hour": writing.hour,
    "moment": writing.moment,
    "when": writing.when,
    "away": writing.days_from_now,
    "number": writing.number,
    "hold_reason": writing.hold_reason,
    "money_text": writing.money,
}


def _tolerant(write: Callable[..., str]) -> Callable[..., str]:
    """A name that a template does not know comes as an empty text: it stays empty, the page stays whole."""

    @wraps(write)
    def written(value: Any, *more: Any) -> str:
        return "" if value == "" else write(value, *more)

    return written


for _name, _function in _WRITING.items():
    register.filter(_name, _tolerant(_function))


@register.simple_tag
def money(cents: int | None, currency: str = "CNY", extra: str = "") -> SafeString:
    """`{% money account.balance.total account.currency %}`: figures that line up."""
    sign = " money-minus" if cents is not None and cents < 0 else ""
    return format_html('<span class="money{} {}">{}</span>', sign, extra, writing.money(cents, currency))


@register.simple_tag
def money_short(cents: int | None, currency: str = "CNY") -> SafeString:
    """`{% money_short total "CNY" %}`: a headline figure, with the exact sum as its title."""
    return format_html(
        '<span class="money" title="{}">{}</span>', writing.money(cents, currency), writing.money_short(cents, currency)
    )


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """`{% icon "phone" %}`: decoration; give a label when it stands alone."""
    return _drawn(str(name), str(label))


@lru_cache(maxsize=1024)
def _drawn(name: str, label: str) -> SafeString:
    """A page has a hundred icons and few of them differ; their file has one address while the process lives."""
    voice = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon icon-{0}" {1}><use href="{2}#{0}"></use></svg>', name, voice, static("desk/vendor/icons.svg")
    )


@register.simple_tag
def chip(text: Any, tone: str = "quiet", symbol: str = "") -> SafeString:
    """`{% chip "Dispute" "stop" "hand-stop" %}`. Tones: ok, info, warn, stop, quiet."""
    return format_html('<span class="chip chip-{}">{}{}</span>', tone, icon(symbol) if symbol else "", text)


@register.simple_tag
def status(thing: Any, field: str = "status") -> SafeString:
    """`{% status promise %}`: the chip of a model's status, in words."""
    value = getattr(thing, field)
    text = getattr(thing, f"get_{field}_display")()
    return chip(text, words.STATUS_TONES.get(str(value), "quiet"))


@register.simple_tag
def bucket(n: int | None) -> SafeString:
    """`{% bucket account.ageing.bucket %}`: M0 … M7+."""
    if n is None:
        return format_html('<span class="bucket bucket-none">{}</span>', "M–")
    text = "M7+" if n >= 7 else f"M{n}"
    first, last = (n - 1) * 30 + 1, n * 30
    spoken = (
        _("not overdue") if n == 0
        else _("over 180 days past due") if n >= 7
        else _("%(first)s–%(last)s days past due") % {"first": first, "last": last}
    )  # fmt: skip
    return format_html('<span class="bucket bucket-{}" title="{}">{}</span>', min(n, 7), spoken, text)


@register.simple_tag
def key(name: str) -> SafeString:
    """`{% key "n" %}`: a visible shortcut."""
    return format_html('<kbd class="key" aria-hidden="true">{}</kbd>', name)


@register.simple_tag
def channel(code: int) -> SafeString:
    """`{% channel attempt.channel %}`: icon and word."""
    return format_html("{} {}", icon(words.CHANNEL_ICONS.get(code, "send")), words.CHANNELS.get(code, code))  # type: ignore[call-overload]


def _word(table: dict[Any, Any], code: int | None) -> Any:
    return writing.DASH if code is None else table.get(code, code)


register.filter("channel_word", lambda code: _word(words.CHANNELS, code))
register.filter("relation", lambda code: _word(words.RELATIONS, code))
register.filter("third", lambda code: code in THIRD)
register.filter("purpose", lambda code: _word(words.PURPOSES, code))
register.filter("result", lambda code: _word(words.RESULTS, code))
register.filter("decision", lambda code: _word(words.DECISIONS, code))
register.filter("tone", lambda code: words.TONES.get(code, "quiet"))
register.filter("size", size)
register.filter("text", lambda value: str(value))
register.filter("sources", lambda rows: list({row.rule: row for row in rows}.values()))
register.filter("stopping", lambda rows: sum(row.stops for row in rows))
register.filter("doubtful", lambda rows: sum(not row.stops for row in rows))


@register.filter
def said(texts: dict[str, Any]) -> Any:
    """`{{ answer.headline|said }}`: a text kept in both languages, in that of the page."""
    return texts.get("zh" if writing.chinese() else "en", "")


register.filter("hold_reason", writing.hold_reason)


@register.simple_tag
def call_clock(since: datetime) -> SafeString:
    """`{% call_clock attempt.happened_at %}`: minutes and seconds since the call began, counting on."""
    seconds = max(0, int((clock.now() - since).total_seconds()))
    told = f"{seconds // 60}:{seconds % 60:02}"
    return format_html('<span class="on-line-clock num" data-elapsed="{}">{}</span>', seconds, told)


@register.simple_tag
def promise_link(asked: Any, **changes: Any) -> str:
    """`{% promise_link asked view="month" day=None %}`: the promise calendar's address with some things changed."""
    return str(asked.link(**changes))


@register.filter
def creditor_name(creditor: Any) -> str:
    """`{{ case.creditor|creditor_name }}`: in the language of the page."""
    return str(creditor.name_zh if writing.chinese() else creditor.name_en)


@register.filter
def plain_amount(cents: int, currency: str) -> str:
    """`{{ cents|plain_amount:"CNY" }}`: 1234.50, for a field."""
    return format_amount(cents, currency, grouped=False)


@register.filter
def minutes(value: int) -> str:
    """`{{ 1320|minutes }}`: 22:00."""
    return f"{value // 60:02d}:{value % 60:02d}"


@register.filter
def clock_span(length: int) -> str:
    """`{{ 634|clock_span }}`: 10 h 34 min; full hours without minutes: 4 h, 24 h."""
    hours, rest = divmod(int(length), 60)
    if hours and not rest and hours <= 24:
        return _("%(h)s h") % {"h": hours}
    days, hours = divmod(hours, 24)
    if days:
        return _("%(d)s d %(h)s h") % {"d": days, "h": hours}
    return _("%(h)s h %(m)s min") % {"h": hours, "m": rest} if hours else _("%(m)s min") % {"m": rest}


@register.filter
def when_there(value: datetime | None, zone: str) -> str:
    """`{{ answer.earliest|when_there:answer.zone }}`: today 08:00, by the clock at the other end: today 08:00 there."""
    return writing.when_there(value, zone)


@register.filter
def when_zone(value: datetime | None, zones: str | None) -> str:
    """`{{ verdict.earliest|when_zone:point.zones }}`: tomorrow 08:01 (America/Chicago), by the clock at the other end."""
    return writing.when_zone(value, zones)


@register.filter
def versions(version: str) -> str:
    """`{{ statement.version|versions }}`: the country's part and what is the same everywhere, each with its version."""
    own, plus, common = version.partition("+")
    if not plus:
        return _("version %s") % own
    return _("version of the country's part %(own)s, of the common part %(common)s") % {"own": own, "common": common}


@register.simple_tag
def verdict_line(
    decision: int, until: datetime | None = None, earliest: datetime | None = None, why: str = "", zone: str = ""
) -> SafeString:
    """`{% verdict_line v.decision until=v.until earliest=v.earliest why=v.headline %}`: one line, the same everywhere.

    `zone`: whose clock tells the hours, with "there" when it is not the desk's.
    yes until 21:00 · with care until 21:00: <why> · no: <why>, earliest tomorrow 08:00 · no: <why>, waiting does not help
    """
    if decision <= codes.Decision.WARN:
        word = _("Yes") if decision == codes.Decision.ALLOW else _("Yes, with care")
        parts = [_("until %(when)s") % {"when": writing.until_there(until, zone)}] if until else []
        parts += [why] if why and decision == codes.Decision.WARN else []
    else:
        word = _("No:") if decision == codes.Decision.DENY else _("On hold:")
        parts = [why] if why else []
        if earliest:
            parts.append(_("earliest %(when)s") % {"when": writing.when_there(earliest, zone)})
        elif why:
            parts.append(_("waiting does not help"))
    return format_html(
        '<span class="verdict verdict-{}">{}<span><strong>{}</strong> '
        '<span class="verdict-why">{}</span></span></span>',
        words.TONES.get(codes.Decision(decision), "quiet"),
        icon(VERDICT_ICONS[decision]),
        word,
        _("; ").join(parts),
    )


@register.inclusion_tag("desk/parts/masked.html")
def masked(text: str, reveal: str = "", label: str = "") -> dict[str, Any]:
    """`{% masked point.masked reveal=url label="Phone" %}`: stays masked until asked; asking is a journalled POST.

    The address answers with `desk/parts/revealed.html` (context: value, again = the text to go back to)."""
    return {"text": text, "reveal": reveal, "label": label}


@register.inclusion_tag("desk/parts/reasons.html", takes_context=True)
def reasons(context: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """`{% reasons verdict.reasons %}`: rows of says, cites, cure, earliest, as the gate explains them."""
    return {"rows": rows, "request": context["request"]}


def rules_of(context: dict[str, Any]) -> dict[str, tuple[Rule, Pack]]:
    """The rules in force by id, read once per request."""
    request = context["request"]
    if not hasattr(request, "rules_by_id"):
        request.rules_by_id = rulebook.by_id()
    known: dict[str, tuple[Rule, Pack]] = request.rules_by_id
    return known


@register.simple_tag(takes_context=True)
def rule_address(context: dict[str, Any], name: str) -> str:
    """`{% rule_address row.rule as address %}`: the page of a rule, "" when it is gone."""
    _rule, pack = rules_of(context).get(name, (None, None))
    return reverse("desk:rule", args=[pack.id, name]) if pack else ""


@register.inclusion_tag("desk/parts/empty.html")
def empty(title: str, text: str = "", symbol: str = "circle-check", link: str = "", action: str = "") -> dict[str, Any]:
    """`{% empty "Nothing left today" text="…" link=url action="See results" %}`."""
    return {"title": title, "text": text, "symbol": symbol, "link": link, "action": action}


@register.inclusion_tag("desk/parts/failure.html")
def failure(title: str, text: str = "", link: str = "", action: str = "") -> dict[str, Any]:
    """`{% failure "The file could not be read" text="…" %}`: an error inside a page."""
    return {"title": title, "text": text, "link": link, "action": action}


@register.inclusion_tag("desk/parts/progress.html")
def progress(done: int, of: int, label: str = "", tone: str = "info") -> dict[str, Any]:
    """`{% progress 12 48 label="Worked today" %}`."""
    return {"done": done, "of": of, "label": label, "tone": tone, "percent": 100 * done // of if of else 0}


@register.inclusion_tag("desk/parts/figure.html")
def figure(label: str, value: Any, note: str = "", link: str = "", tone: str = "") -> dict[str, Any]:
    """`{% figure "Past due" value=money note="3 accounts" link=url %}`: a number that opens into its rows."""
    return {"label": label, "value": value, "note": note, "link": link, "tone": tone}


@register.simple_tag(takes_context=True)
def sort_header(context: dict[str, Any], field: str, label: str, numeric: bool = False) -> SafeString:
    """`{% sort_header "amount" "Amount" numeric=True %}`: a th whose link sorts by `?sort=field` or `-field`."""
    query = context["request"].GET.copy()
    now = query.get("sort", "")
    query["sort"] = f"-{field}" if now == field else field
    query.pop("page", None)
    state = {field: "ascending", f"-{field}": "descending"}.get(now, "")
    symbol = {"ascending": "sort-ascending", "descending": "sort-descending"}.get(state, "selector")
    return format_html(
        '<th scope="col"{}{}><a class="sort" href="?{}">{}{}</a></th>',
        mark_safe(' class="num"') if numeric else "",
        format_html(' aria-sort="{}"', state) if state else "",
        query.urlencode(),
        label,
        icon(symbol),
    )


@register.inclusion_tag("desk/parts/paging.html", takes_context=True)
def paging(context: dict[str, Any], page: Page[Any]) -> dict[str, Any]:
    """`{% paging page %}` below a table: keeps the filters of the address."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    rest = query.urlencode()
    return {"page": page, "lead": f"?{rest}&page=" if rest else "?page="}


@register.simple_tag
def definitions(rows: list[tuple[str, Any]]) -> SafeString:
    """`{% definitions rows %}`: a list of (term, value)."""
    return format_html('<dl class="defs">{}</dl>', format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", rows))


@register.simple_tag
def time_tag(value: date | None, style: str = "when") -> SafeString:
    """`{% time_tag attempt.happened_at "moment" %}`: a `<time>` with the exact moment as its title."""
    if value is None:
        return format_html("{}", writing.DASH)
    text = getattr(writing, style)(value)
    exact = writing.moment(value) if isinstance(value, datetime) else writing.day(value)
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), exact, text)


@register.filter
def in_language(code: str) -> Any:
    """`{{ explanation.language|in_language }}`: in Chinese, in English."""
    return words.LANGUAGES.get(code, code)
