"""What a borrower reads and says during a visit."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as gl
from django.views.decorators.http import require_GET, require_http_methods

from fairdue.accounts import statement as statements
from fairdue.accounts.models import Account
from fairdue.agreements.models import Offer, Plan, Promise
from fairdue.agreements.services import PromiseRefused
from fairdue.cases.models import Hold
from fairdue.contact.models import Link
from fairdue.flows import portal as flow
from fairdue.flows import rights as rights_flow
from fairdue.law import codes
from fairdue.people.models import Wish
from fairdue.people.services import ContactPointError
from fairdue.portal import clock, paying
from fairdue.portal import owed as reading
from fairdue.portal.plan import UnclearError
from fairdue.portal.plan import cents_of as read_cents
from fairdue.portal.views.door import day, visited

CHANNELS = (
    (codes.Channel.CALL, gl("Phone calls")),
    (codes.Channel.SMS, gl("Text messages")),
    (codes.Channel.EMAIL, gl("E-mail")),
    (codes.Channel.LETTER, gl("Letters")),
    (codes.Channel.VISIT, gl("Visits")),
)
"""What a borrower may ask for or refuse, as they say it."""
WEEKDAYS = (gl("Mon"), gl("Tue"), gl("Wed"), gl("Thu"), gl("Fri"), gl("Sat"), gl("Sun"))
SAID = {
    "dispute": gl("We have it, and collection has stopped. We check first and then answer you."),
    "hardship": gl("We have it, and collection has stopped. We will come back to you about what is possible."),
    "complaint": gl("Your complaint is on record for the complaints desk."),
    "data": gl("Your request is on record for the privacy desk."),
}


def told(error: Any) -> str:
    """A refusal of a service in the language of the page."""
    return str(error.zh if chinese() else error.en)


def chinese() -> bool:
    """Whether the page is written in Chinese."""
    return (get_language() or "").startswith("zh")


def show(request: HttpRequest, link: Link, name: str, shown: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page behind the door."""
    known = {
        "link": link,
        "case": link.case,
        "creditor": link.case.creditor,
        "collector": link.case.creditor.we_act_as == codes.ActorType.DEBT_COLLECTOR,
        "firm": settings.FIRM_NAME,
        "page": name,
        "paying": paying.in_use(),
    }
    return render(request, f"portal/{name}.html", known | shown, status=status)


@visited
@require_GET
def home(request: HttpRequest, link: Link) -> HttpResponse:
    """What I owe, from the first entry to today; `?again` adds the entries up once more."""
    stopped = Hold.objects.filter(
        person=link.person, lifted_at=None, kind__in=(Hold.Kind.DISPUTE, Hold.Kind.HARDSHIP)
    ).order_by("starts_at")
    shown = {
        "accounts": reading.owed(link.case, today=timezone.localdate(clock.now())),
        "again": clock.now() if "again" in request.GET else None,
        "stopped": {hold.kind for hold in stopped},
        "promises": Promise.objects.filter(case=link.case, status=Promise.Status.OPEN).order_by("due_on"),
        "offers": Offer.objects.filter(
            case=link.case, status=Offer.Status.OPEN, expires_on__gte=timezone.localdate(clock.now())
        ).select_related("account").order_by("account_id"),
        "plans": Plan.objects.filter(case=link.case, status__in=Plan.LIVE).select_related("account").order_by("account_id"),
    }  # fmt: skip
    return show(request, link, "home", shown)


@visited
@require_GET
def statement(request: HttpRequest, link: Link, account: int, kind: str) -> HttpResponse:
    """The statement of an account to keep: the cents and words the collector sees. Journalled."""
    found = get_object_or_404(reading.accounts_of(link.case).select_related("debtor"), pk=account)
    now = clock.now()
    page = statements.page_of(found, today=timezone.localdate(now))
    flow.took_statement(link=link, account=found, how=kind)
    if kind == "pdf":
        response = HttpResponse(statements.as_pdf(page, made_at=now), content_type="application/pdf")
    else:
        response = HttpResponse(statements.as_csv(page), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="page-{found.pk}.{kind}"'
    return response


@visited
@require_GET
def rights(request: HttpRequest, link: Link) -> HttpResponse:
    """Rights and duties, each sentence with the article to look up where there is one; kept as explained."""
    try:
        statement = rights_flow.on_page(link=link, now=clock.now(), language="zh" if chinese() else "en")
    except rights_flow.NoStatementError as error:
        return show(request, link, "rights", {"none": told(error)})
    parts = [
        (section, [(one, statement.article_of(one)) for one in section.sentences])
        for section in statement.sections
        if section.sentences
    ]
    return show(request, link, "rights", {"told": statement, "parts": parts})


@visited
@require_http_methods(["GET", "POST"])
def reach(request: HttpRequest, link: Link) -> HttpResponse:
    """When and how to reach me: refused channels, unwelcome and best times; taken back just as easily."""
    error = ""
    if request.method == "POST":
        try:
            _note(request, link)
        except ContactPointError as refused:
            error = told(refused)
        else:
            messages.success(request, _("Done. It holds from this moment."))
            return redirect("portal:reach")
    names, today = dict(CHANNELS), timezone.localdate(clock.now())
    wishes = [
        (wish, names.get(codes.Channel(wish.channel)) if wish.channel else None, _days(wish.days))
        for wish in Wish.objects.filter(person=link.person, withdrawn_at=None).order_by("-made_at", "-pk")
        if wish.holds(today)
    ]
    shown = {"wishes": wishes, "channels": CHANNELS, "weekdays": list(enumerate(WEEKDAYS)), "error": error}
    return show(request, link, "reach", shown, status=422 if error else 200)


@visited
@require_http_methods(["GET", "POST"])
def say(request: HttpRequest, link: Link) -> HttpResponse:
    """Something is wrong, I cannot pay now, I complain, my data."""
    error, matter, words = "", request.POST.get("matter", request.GET.get("matter", "")), ""
    if request.method == "POST":
        words = request.POST.get("words", "")
        try:
            if matter not in flow.MATTERS:
                raise UnclearError(zh="请选择是关于哪方面的事。", en="Choose what it is about.")
            flow.tell(link=link, matter=matter, words=words, now=clock.now())
        except (flow.NothingSaidError, UnclearError) as refused:
            error = told(refused)
        else:
            messages.success(request, str(SAID[matter]))
            return redirect("portal:say")
    shown = {"error": error, "matter": matter, "words": words, "longest": flow.WORDS_CHARS_MAX}
    return show(request, link, "say", shown, status=422 if error else 200)


@visited
@require_http_methods(["GET", "POST"])
def arrange(request: HttpRequest, link: Link) -> HttpResponse:
    """I will pay: a promise with its day."""
    error = ""
    if request.method == "POST":
        try:
            account = own_account(request, link)
            flow.promise(
                link=link, account=account, cents=cents_of(request, account.currency),
                due_on=day(request.POST.get("due_on", "")) or _no_day(), now=clock.now(),
            )  # fmt: skip
        except (PromiseRefused, UnclearError) as refused:
            error = told(refused)
        else:
            messages.success(request, _("Noted. Nothing more is needed until that day."))
            return redirect("portal:arrange")
    return arrangement(request, link, error=error, failed="promise")


def arrangement(request: HttpRequest, link: Link, *, error: str = "", failed: str = "") -> HttpResponse:
    """The page on which one pays or promises."""
    shown = {
        "accounts": [one for one in reading.owed(link.case, today=timezone.localdate(clock.now())) if one.total],
        "promises": Promise.objects.filter(case=link.case, status=Promise.Status.OPEN).order_by("due_on"),
        "error": error,
        "failed": failed,
        "given": request.POST,
        "today": timezone.localdate(clock.now()),
    }
    return show(request, link, "arrange", shown, status=422 if error else 200)


def own_account(request: HttpRequest, link: Link) -> Account:
    """The account named in the form, if it belongs to the case of the visit; else there is no such account."""
    asked = request.POST.get("account", "")
    if not asked.isascii() or not asked.isdigit():
        raise Http404
    return get_object_or_404(reading.accounts_of(link.case), pk=int(asked[:18]))


def cents_of(request: HttpRequest, currency: str) -> int:
    """The sum in the form. Raises UnclearError when there is none, or it cannot be read."""
    if not request.POST.get("amount", "").strip():
        raise UnclearError(zh="请写数字金额，例如 1234.50。", en="Write the sum in figures, such as 1234.50.")
    return read_cents(request.POST, "amount", currency)


def _no_day() -> Any:
    raise UnclearError(zh="请选择日期。", en="Choose a day.")


def _note(request: HttpRequest, link: Link) -> None:
    """One of the three small forms of the page. Raises ContactPointError."""
    act, now = request.POST.get("act", ""), clock.now()
    named = request.POST.get("channel", "")
    channel = next((code for code, _name in CHANNELS if str(int(code)) == named), None)
    if act == "opt_out" and channel:
        flow.opt_out(link=link, channel=channel, words=request.POST.get("words", ""), now=now)
    elif act in {"unwelcome", "preferred"}:
        kind = Wish.Kind.UNWELCOME if act == "unwelcome" else Wish.Kind.PREFERRED
        days = sum(1 << n for n in range(7) if str(n) in request.POST.getlist("days")) or 127
        start, end = _minute(request.POST.get("start", "")), _minute(request.POST.get("end", "")) or 1440
        flow.note_times(link=link, kind=kind, start=start, end=end, days=days, channel=channel, now=now)
    elif act == "withdraw":
        asked = request.POST.get("wish", "")
        wish = get_object_or_404(Wish, pk=int(asked) if asked.isdecimal() else 0, person=link.person)
        flow.withdraw(link=link, wish=wish, now=now)
    else:
        raise ContactPointError("act", zh="请选择一项。", en="Choose one.")


def _minute(text: str) -> int:
    """Minutes of the day of "08:30"; −1, which no service takes, when it is no time."""
    hour, _colon, minute = text.partition(":")
    return int(hour) * 60 + int(minute) if hour.isdecimal() and minute.isdecimal() and int(minute) < 60 else -1


def _days(bits: int) -> str:
    """The weekdays in words; empty for every day."""
    if bits == 127:
        return ""
    return ("、" if chinese() else ", ").join(str(name) for n, name in enumerate(WEEKDAYS) if bits >> n & 1)
