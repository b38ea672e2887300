"""Money at the desk: the statement of an account, write-offs, payments by hand, and the queue of incoming money."""

from collections.abc import Callable
from datetime import date
from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fairdue.accounts import services as ledger
from fairdue.accounts import statement as pages
from fairdue.accounts.models import Account, Incoming, Payment, Waiver
from fairdue.desk import clock, writing
from fairdue.desk.pages import incoming as queue
from fairdue.desk.views.case import own_case, told
from fairdue.desk.words import METHODS
from fairdue.flows import incoming as flow
from fairdue.flows import payment as payments
from fairdue.flows import waiver as waivers
from fairdue.journal import services as journal
from fairdue.money.amount import AmountError, parse_amount
from fairdue.staff.models import User
from fairdue.staff.policies import grant

A_PAGE = 50
REFUSED = (ledger.PaymentRefused, ledger.WaiverRefused)


def own_account(request: HttpRequest, case_id: int, account_id: int) -> Account:
    """An account of a case this user may see, else 404."""
    case = own_case(request, case_id)
    accounts = Account.objects.select_related("creditor", "debtor")
    account: Account = get_object_or_404(
        accounts, pk=account_id, debtor_id=case.person_id, creditor_id=case.creditor_id
    )
    return account


@grant("case.see")
@never_cache
def statement(request: HttpRequest, case_id: int, account_id: int) -> HttpResponse:
    """Every cent of an account from its first day to today; journalled."""
    account = own_account(request, case_id, account_id)
    _seen(request, account, "page")
    return _statement(request, case_id, account)


def _statement(
    request: HttpRequest, case_id: int, account: Account, *, entered: QueryDict | None = None, fault: str = ""
) -> HttpResponse:
    """The page; entered: what a form held that was refused, and `fault` why: it stays open with what was written."""
    page = pages.page_of(account, today=clock.today(), every="all" in request.GET, reasons=True)
    standing = Payment.objects.filter(account=account, kind=Payment.Kind.PAYMENT, reversed_by=None)
    shown = {"page": page, "case_id": case_id, "today": clock.today(), "entered": entered, "fault": fault,
             "payments": standing.order_by("-happened_on", "-pk")[:20], "waiting": queue.waiting([account.pk]),
             "methods": METHODS}  # fmt: skip
    return render(request, "desk/money/statement.html", shown, status=422 if fault else 200)


@grant("case.see")
@never_cache
def statement_csv(request: HttpRequest, case_id: int, account_id: int) -> HttpResponse:
    """The statement as a table."""
    account = own_account(request, case_id, account_id)
    _seen(request, account, "csv")
    response = HttpResponse(
        pages.as_csv(pages.page_of(account, today=clock.today())), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="statement-{account.pk}-{clock.today()}.csv"'
    return response


@grant("case.see")
@never_cache
def statement_pdf(request: HttpRequest, case_id: int, account_id: int) -> HttpResponse:
    """The statement on paper, with who took it across every page."""
    account = own_account(request, case_id, account_id)
    _seen(request, account, "pdf")
    now = clock.now()
    page = pages.page_of(account, today=clock.today())
    mark = f"{cast(User, request.user)} {writing.moment(now)}"
    response = HttpResponse(pages.as_pdf(page, made_at=now, mark=mark), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="statement-{account.pk}-{clock.today()}.pdf"'
    return response


@grant("money.waive")
@require_POST
def write_off(request: HttpRequest, case_id: int, account_id: int) -> HttpResponse:
    """Let debt go: at once within one's authority, else it waits for approval."""
    account = own_account(request, case_id, account_id)

    def act() -> None:
        waiver = waivers.write_off(
            account=account, cents=_amount(request, account.currency), reason=request.POST.get("reason", ""),
            by=cast(User, request.user), now=clock.now(),
        )  # fmt: skip
        done = waiver.status == Waiver.Status.DONE
        messages.success(request, _("Written off.") if done else _("Beyond your authority: it waits for approval."))

    return _did(request, act, "desk:statement", case_id, account_id)


@grant("money.waive")
@require_POST
def take_back(request: HttpRequest, case_id: int, account_id: int, waiver_id: int) -> HttpResponse:
    """Undo a write-off: the debt stands again."""
    account = own_account(request, case_id, account_id)
    waiver = get_object_or_404(Waiver, pk=waiver_id, account=account)

    def act() -> None:
        waivers.take_back(
            waiver=waiver, by=cast(User, request.user), reason=request.POST.get("reason", ""), now=clock.now()
        )
        messages.success(request, _("Taken back: the debt stands again."))

    return _did(request, act, "desk:statement", case_id, account_id)


@grant("money.enter")
@require_POST
def enter(request: HttpRequest, case_id: int, account_id: int) -> HttpResponse:
    """Note a payment by hand; another person confirms it."""
    account = own_account(request, case_id, account_id)
    try:
        flow.enter(
            account=account, reference=request.POST.get("reference", "")[:76], method=request.POST.get("method", "")[:20],
            cents=_amount(request, account.currency), happened_on=_day(request), payer=request.POST.get("payer", "")[:120],
            note=request.POST.get("note", "")[:300], by=cast(User, request.user), now=clock.now(),
        )  # fmt: skip
    except ledger.PaymentRefused as error:
        return _statement(request, case_id, account, entered=request.POST, fault=told(error))
    messages.success(request, _("Noted. It counts once another person has confirmed it."))
    return redirect("desk:statement", case_id, account_id)


@grant("money.book")
@require_POST
def reverse(request: HttpRequest, case_id: int, account_id: int, payment_id: int) -> HttpResponse:
    """A payment bounced or was charged back."""
    account = own_account(request, case_id, account_id)
    paid = get_object_or_404(Payment.objects.select_related("account"), pk=payment_id, account=account)

    def act() -> None:
        payments.reverse(
            payment=paid, reference=request.POST.get("reference", "")[:80], happened_on=_day(request), now=clock.now(),
            by=cast(User, request.user),
        )  # fmt: skip
        messages.success(request, _("Taken back: the debt stands again."))

    return _did(request, act, "desk:statement", case_id, account_id)


@grant("money.book")
@require_POST
def refund(request: HttpRequest, case_id: int, account_id: int) -> HttpResponse:
    """Money paid beyond what was owed goes back; beyond a small sum another person confirms it."""
    account = own_account(request, case_id, account_id)

    def act() -> None:
        done = flow.refund(
            account=account, reference=request.POST.get("reference", "")[:76], cents=_amount(request, account.currency),
            happened_on=_day(request), note=request.POST.get("note", ""), now=clock.now(), by=cast(User, request.user),
        )  # fmt: skip
        waits = isinstance(done, Incoming) and done.status == Incoming.Status.TO_CONFIRM
        messages.success(
            request, _("It goes back once another person has confirmed it.") if waits else _("The refund is booked.")
        )

    return _did(request, act, "desk:statement", case_id, account_id)


@grant("money.book")
def incoming(request: HttpRequest) -> HttpResponse:
    """The queue."""
    tab = request.GET.get("tab", "")
    tab = tab if tab in queue.TABS else "waiting"
    counts = queue.counts()
    shown = {
        "tab": tab,
        "tabs": [(name, word, counts.get(name)) for name, word in queue.TABS.items()],
        "page": Paginator(queue.listed(tab), A_PAGE).get_page(request.GET.get("page")),
    }
    parts = queue.booked_as(shown["page"]) if tab == "done" else {}
    for line in shown["page"]:
        line.parts = parts.get(line.pk, ())
    return render(request, "desk/money/incoming.html", shown)


@grant("money.book")
@never_cache
def incoming_one(request: HttpRequest, incoming_id: int) -> HttpResponse:
    """One line that waits, with the debts it may be for."""
    found = get_object_or_404(
        Incoming.objects.select_related("creditor", "account__debtor", "entered_by"), pk=incoming_id
    )
    return _line(request, found, request.GET.get("words", "")[:80])


def _line(request: HttpRequest, line: Incoming, words: str, *, fault: str = "") -> HttpResponse:
    """A line with its choices; after a `fault` with what was ticked and typed."""
    choices = queue.choices(
        line, words=words, today=clock.today(), typed=request.POST, chosen=request.POST.getlist("account")
    )
    parts = queue.booked_as([line]).get(line.pk, ())
    shown = {"line": line, "words": words, "choices": choices, "fault": fault, "booked": parts}
    return render(request, "desk/money/incoming_one.html", shown, status=422 if fault else 200)


def _ask(request: HttpRequest, line: Incoming, parts: dict[Account, int], excess: int) -> HttpResponse:
    """More than is owed: the line with what was chosen, to be booked once somebody says that it is meant."""
    shown = {"line": line, "excess": excess, "parts": parts.items()}
    return render(request, "desk/money/incoming_one.html", shown)


@grant("money.book")
@require_POST
def incoming_book(request: HttpRequest, incoming_id: int) -> HttpResponse:
    """Book a line to the debts chosen: one takes all of it, several take the parts written beside them."""
    found = get_object_or_404(Incoming.objects.select_related("creditor"), pk=incoming_id)
    parts: dict[Account, int] = {}
    said = request.POST.get("beyond", "")

    def act() -> None:
        chosen = {int(pk) for pk in request.POST.getlist("account") if pk.isdigit()}
        accounts = list(Account.objects.filter(pk__in=chosen, creditor=found.creditor_id).select_related("debtor"))
        if not accounts:
            raise ledger.PaymentRefused(code="none_chosen", zh="请先选择账户。", en="Choose an account first.")
        if len(accounts) == 1:
            parts[accounts[0]] = found.cents
        else:
            parts.update({each: _amount(request, found.currency, f"part-{each.pk}") for each in accounts})
        flow.split(
            incoming=found, parts=parts, by=cast(User, request.user), now=clock.now(),
            beyond=int(said) if said.isdecimal() else 0,
        )  # fmt: skip
        messages.success(request, _("Booked."))

    try:
        act()
    except REFUSED as error:
        return _line(request, found, request.POST.get("words", "")[:80], fault=told(error))
    except flow.MoreThanOwed as more:
        return _ask(request, found, parts, more.excess)
    return redirect("desk:incoming")


@grant("money.book")
@require_POST
def incoming_decide(request: HttpRequest, incoming_id: int, act: str) -> HttpResponse:
    """Send a line back; confirm an entry or turn it down."""
    found = get_object_or_404(Incoming, pk=incoming_id)
    user, note, now = cast(User, request.user), request.POST.get("note", ""), clock.now()

    def decide() -> None:
        if act == "send-back":
            flow.send_back(incoming=found, note=note, by=user, now=now)
        elif act == "confirm":
            flow.confirm(incoming=found, by=user, now=now)
        else:
            flow.turn_down(incoming=found, note=note, by=user, now=now)
        messages.success(request, _("Done."))

    if request.POST.get("from") == "approvals":
        return _did(request, decide, "desk:approvals")
    return _did(request, decide, "desk:incoming", tab="waiting" if act == "send-back" else "to_confirm")


@grant("money.book")
@require_POST
def waiver_decide(request: HttpRequest, waiver_id: int, act: str) -> HttpResponse:
    """Approve or refuse a write-off somebody asked for."""
    waiver = get_object_or_404(Waiver.objects.select_related("account"), pk=waiver_id)
    user, now = cast(User, request.user), clock.now()

    def decide() -> None:
        if act == "approve":
            waivers.approve(waiver=waiver, by=user, now=now)
        else:
            waivers.refuse(waiver=waiver, by=user, now=now)
        messages.success(request, _("Done."))

    return _did(request, decide, "desk:approvals")


def _did(request: HttpRequest, act: Callable[[], None], to: str, *args: int, tab: str = "") -> HttpResponse:
    """Do it and go on; a refusal is told on the page one came from."""
    try:
        act()
    except REFUSED as error:
        messages.error(request, told(error))
    response = redirect(to, *args)
    if tab:
        response["Location"] += f"?tab={tab}"
    return response


def _amount(request: HttpRequest, currency: str, name: str = "amount") -> int:
    """Minor units of a field; PaymentRefused when it is no amount."""
    found = parse_amount(request.POST.get(name, ""), currency)
    if isinstance(found, AmountError):
        raise ledger.PaymentRefused(code="amount", zh="请填写金额，例如 1234.50。", en="Write an amount, e.g. 1234.50.")
    return found


def _day(request: HttpRequest) -> date:
    """The day of a field; PaymentRefused when it is none."""
    try:
        return date.fromisoformat(request.POST.get("happened_on", ""))
    except ValueError:
        raise ledger.PaymentRefused(code="day", zh="请填写日期。", en="Write the day.") from None


def _seen(request: HttpRequest, account: Account, how: str) -> None:
    journal.write(
        "statement.taken", by=cast(User, request.user), subject="account", subject_id=account.pk,
        person_id=account.debtor_id, how=how,
    )  # fmt: skip
