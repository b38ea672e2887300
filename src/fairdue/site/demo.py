"""`make demo`: a complete workplace with made-up borrowers and 30,000 real card accounts, in one process group."""

import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import click
import psutil

from fairdue.site import embedded, processes
from fairdue.site.demo_hardship import hardship_files
from fairdue.site.demo_past import made_up_days
from fairdue.site.demo_plans import past_plans, waiting
from fairdue.site.demo_terms import contracts
from fairdue.site.demo_wishes import stops_and_wishes

PASSWORD = "fairdue-demo"  # noqa: S105 - printed on purpose
SEED = 20260301
PAYMENTS_TO_TRY = "demo-files/payments-to-try.csv"
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "uci"


@dataclass(frozen=True)
class Seat:
    """One member of the demo's staff."""

    username: str
    role: str
    zh: str
    language: str = "zh-hans"
    team: str = ""
    speaks: tuple[str, ...] = ("zh",)


SEATS = (
    Seat("collector", "collector", "林悦", team="华东一组"),
    Seat("collector2", "collector", "陈卓", team="华东一组"),
    Seat("collector3", "collector", "周敏", team="华东一组"),
    Seat("collector4", "collector", "吴桐", team="华东一组"),
    Seat("maria", "collector", "Maria Lopez", "en", "US desk", ("en",)),
    Seat("james", "collector", "James Carter", "en", "US desk", ("en",)),
    Seat("sam", "collector", "Sam Okafor", team="华东一组", speaks=("zh", "en")),
    Seat("lead", "lead", "何静", team="华东一组"),
    Seat("uslead", "lead", "Dana White", "en", "US desk", ("en",)),
    Seat("field", "field", "郑凯", team="华东一组"),
    Seat("compliance", "compliance", "沈岚"),
    Seat("legal", "legal", "罗律"),
    Seat("complaints", "complaints", "白芸"),
    Seat("privacy", "privacy", "康宁"),
    Seat("risk", "risk", "钱进"),
    Seat("creditor", "creditor", "委托方 顾磊"),
    Seat("admin", "admin", "管理员"),
)
SHOWN = ("collector", "lead", "compliance", "legal", "complaints", "privacy", "risk", "field", "creditor", "admin")


AUTHORITY = {
    "collector": {"plan": 2_000_000},
    "field": {"plan": 2_000_000},
    "lead": {"plan": 50_000_000, "settle": 5_000_000, "waive": 500_000},
    "risk": {"plan": 500_000_000, "settle": 50_000_000, "waive": 5_000_000},
}
"""How far a role may go on its own in the demo, in minor units of each currency."""


def run(*, port: int, accounts: int, uci: bool) -> int:
    """Prepare what is missing, serve until Ctrl-C, leave nothing running. Gives the exit code."""
    home = embedded.home()
    home.mkdir(parents=True, exist_ok=True)
    with _only_one(home / "demo.pid"), _interruptible():
        if _taken(port):
            raise click.ClickException(f"port {port} is in use; choose another: make demo PORT={port + 1}")
        own = "DATABASE_URL" not in os.environ
        group, mail = processes.Group(), None
        try:
            _say("database …")
            _start_django()
            _prepare(home, accounts=accounts, uci=uci)
            mail_port = _free_port()
            mail = _post_office(home / "demo-mail", mail_port)
            environment = {"FAIRDUE_SMTP_PORT": str(mail_port), "FAIRDUE_SMTP_HOST": "127.0.0.1"}
            group.start(processes.web(host="127.0.0.1", port=port, workers=2), **environment)
            group.start(processes.worker(jobs=2), **environment)
            _wait_for(port, group)
            _welcome(port, home)
            code = group.watch()
            _say(f"a part of the demo ended by itself (exit code {code}); stopping the rest")
            return 1
        except KeyboardInterrupt:
            _say("\nstopping …")
            return 0
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            group.stop()
            if mail:
                mail.stop()
            _close_database()
            if own:
                embedded.stop(home / "pg")


# ---- one at a time, and able to stop


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    if path.exists():
        try:
            other = psutil.Process(int(path.read_text() or 0))
            if "demo" in other.cmdline() and other.pid != os.getpid():
                raise click.ClickException(f"the demo already runs here (process {other.pid}); stop it first")
        except (psutil.Error, ValueError):
            pass  # left by a demo that was killed
    path.write_text(str(os.getpid()))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _interruptible() -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    # SIGINT as well: a shell that starts us in the background has it ignored.
    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, group: processes.Group) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if any(child.poll() is not None for child in group.children):
            raise click.ClickException("the web server or the worker did not start; see the lines above")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise click.ClickException("the web server did not answer within a minute")


# ---- the data


def _start_django() -> None:
    try:
        embedded.ensure_database_url()
    except RuntimeError as err:
        raise click.ClickException(str(err)) from err
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fairdue.site.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    if _static_files_changed():
        call_command("collectstatic", verbosity=0, interactive=False)


def _static_files_changed() -> bool:
    from django.conf import settings

    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    sources = Path(__file__).resolve().parents[1].glob("*/static/**/*")
    return not manifest.exists() or max(p.stat().st_mtime for p in sources) > manifest.stat().st_mtime


def _close_database() -> None:
    from django.db import connections

    try:
        connections.close_all()
    except Exception as err:
        _say(str(err))


def _prepare(home: Path, *, accounts: int, uci: bool) -> None:
    """Load the demo's data and run one night, each part once; a killed preparation goes on where it was."""
    from django.utils import timezone

    from fairdue.accounts.services import look_back

    state_file = home / "demo.json"
    state = json.loads(state_file.read_text()) if state_file.exists() else {}
    if not state.get("database") or not _same_database(state):
        state = {"database": _mark_database(), "as_of": timezone.localdate().isoformat(), "done": []}

    def once(part: str, work: Any) -> None:
        if part not in state["done"]:
            started = time.monotonic()
            work()
            _say(f"{part} … {time.monotonic() - started:.1f} s")
            state["done"].append(part)
            state_file.write_text(json.dumps(state))

    as_of = date.fromisoformat(state["as_of"])
    once("staff", staff)
    once("made-up portfolio", lambda: portfolio(home / "demo-files", accounts=accounts, as_of=as_of))
    if uci:
        once("30,000 real card accounts", lambda: real_cards(home / "demo-files" / "uci", as_of=as_of))
    once("creditor's staff", creditors_staff)
    today = timezone.localdate()
    once("stops and wishes", lambda: stops_and_wishes(now=timezone.now()))
    once("plans of the last months", lambda: past_plans(now=timezone.now()))
    once("what waits for approval", lambda: waiting(now=timezone.now()))
    once("contracts that we charge", lambda: contracts(as_of=as_of))
    once("buckets of the last six months", lambda: look_back(before=today, months=6))
    once("contacts of the last working days, through the door", lambda: made_up_days(now=timezone.now()))
    once("hardship files", lambda: hardship_files(now=timezone.now()))
    once(f"night of {today}", lambda: night(today))
    once(f"a payment file to try, of {today}", lambda: payments_to_try(home / PAYMENTS_TO_TRY, on=today))
    if uci:
        once("ageing compared with the real statuses", compare)
    state_file.write_text(json.dumps(state))


def _mark_database() -> str:
    from fairdue.journal import services

    return str(services.write("demo.started").pk)


def _same_database(state: dict[str, Any]) -> bool:
    from fairdue.journal.models import Entry

    return Entry.objects.filter(pk=state["database"], verb="demo.started").exists()


def staff() -> None:
    """The demo's people, one sign-in per role and a few more collectors."""
    from django.contrib.auth.hashers import make_password
    from django.db import transaction

    from fairdue.staff.models import Authority, Role, Team, User

    password = make_password(PASSWORD)
    with transaction.atomic():
        for seat in SEATS:
            team = Team.objects.get_or_create(name=seat.team)[0] if seat.team else None
            who, _made = User.objects.update_or_create(
                username=seat.username,
                defaults={
                    "role": seat.role, "display_name": seat.zh, "language": seat.language, "team": team,
                    "speaks": list(seat.speaks), "products": [], "bucket_from": 0, "bucket_to": 7,
                    "email": f"{seat.username}@fairdue.example", "password": password,
                },
            )  # fmt: skip
            for kind, cents in AUTHORITY.get(Role(seat.role), {}).items():
                for currency in ("CNY", "USD", "TWD"):
                    Authority.objects.update_or_create(
                        user=who, kind=kind, currency=currency, defaults={"limit_cents": cents}
                    )


def creditors_staff() -> None:
    """The creditor's user sees the first creditor loaded."""
    from fairdue.accounts.models import Creditor, CreditorStaff
    from fairdue.staff.models import User

    CreditorStaff.objects.update_or_create(
        user=User.objects.get(username="creditor"), defaults={"creditor": Creditor.objects.earliest("pk")}
    )


def portfolio(folder: Path, *, accounts: int, as_of: date) -> None:
    """The made-up Chinese and American portfolio, through the general intake."""
    from fairdue.intake import portfolio as made_up

    made = made_up.generate(folder, accounts=accounts, seed=SEED, as_of=as_of)
    for code, files in made.files.items():
        load(code, made.mappings[code], files)


def real_cards(folder: Path, *, as_of: date) -> None:
    """The 30,000 real card accounts of examples/uci, through the general intake."""
    from fairdue.intake.portfolio import uci

    load("uci-cards", EXAMPLE / "mapping.yaml", uci.convert(EXAMPLE / "uci_credit_card.csv.gz", folder, as_of=as_of))


def load(creditor_code: str, mapping: Path, files: dict[Any, Path]) -> None:
    """Load a creditor's files, accounts first: the others name them."""
    from fairdue.intake import services
    from fairdue.intake.fields import KINDS

    for kind in KINDS:
        if kind in files:
            done = services.load_file(path=files[kind], creditor_code=creditor_code, kind=kind, mapping_path=mapping)
            if done.status != "done":
                raise click.ClickException(f"{files[kind]}: {done.problem}")


def night(day: date) -> None:
    """One night run."""
    from django.utils import timezone

    from fairdue.flows import night as flow

    flow.run(day, now=timezone.now())


TO_TRY = 8
"""So many payments that keep a promise are in the file to try."""


def payments_to_try(path: Path, *, on: date) -> None:
    """A file that keeps open promises, with one faulty row; not loaded: that is for visitors. Those of the collector's
    list come first; late in the evening there is no list, and weeks after the start no promise of the portfolio is
    open: what is missing then is promised anew."""
    from fairdue.money.amount import format_amount

    day, lines = f"{on:%Y/%m/%d}", []
    for promise in _promises_to_keep(on):
        reference, amount = promise.account.external_ref, format_amount(promise.cents, promise.currency, grouped=False)
        lines.append(f"{reference},{reference}-T{promise.pk},{day},{day},{amount},微信,还款,")
    faulty = f"JJ00000000,JJ00000000-T0,{on:%Y}/02/30,{day},100.00,微信,还款,"
    head = "借据号,流水号,还款日期,登记日期,还款金额,还款方式,交易类型,原流水号"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([head, *lines, faulty, ""]), encoding="utf-8-sig")


def _promises_to_keep(on: date) -> list[Any]:
    """TO_TRY open promises of one account each, of as many debtors, that money of the day `on` keeps."""
    from django.db.models import Exists, OuterRef

    from fairdue.agreements.models import Promise
    from fairdue.cases.models import WorkItem

    listed = WorkItem.objects.filter(case=OuterRef("case"), on=on, user__username="collector")
    found = Promise.objects.filter(
        case__creditor__code="cn-lender", case__status="open", status=Promise.Status.OPEN, account__status="open",
        made_on__lte=on, due_on__gte=on,
    ).annotate(listed=Exists(listed))  # fmt: skip
    first: dict[int, Any] = {}
    for promise in found.select_related("account").order_by("-listed", "due_on", "pk"):
        first.setdefault(promise.case_id, promise)
    chosen = [*first.values()][:TO_TRY]
    return [*chosen, *_promised_anew(TO_TRY - len(chosen), on=on)] if len(chosen) < TO_TRY else chosen


def _promised_anew(many: int, *, on: date) -> list[Any]:
    """Promises of made-up borrowers, through the verb the pages use; the journal says first that they are made up."""
    from django.db.models import F

    from fairdue.accounts.models import Account
    from fairdue.agreements import services as agreements
    from fairdue.cases.models import Case
    from fairdue.journal import services as journal
    from fairdue.staff.models import User

    late = Account.objects.filter(
        creditor__code="cn-lender", status=Account.Status.OPEN, ageing__past_due__gt=0,
        ageing__past_due__lte=F("ageing__balance"), debtor__cases__status="open",
    ).exclude(debtor__holds__isnull=False).exclude(promises__status="open").exclude(offers__isnull=False)  # fmt: skip
    chosen = {a.debtor_id: a for a in late.select_related("ageing", "creditor").order_by("pk")[: 4 * many]}
    by, made = User.objects.get(username="collector"), []
    journal.write("demo.promises", note="the promises that follow are made up, so that a payment file can keep them")
    for account in [*chosen.values()][:many]:
        case = Case.objects.get(person=account.debtor_id, creditor=account.creditor_id)
        made.append(
            agreements.make(
                case=case,
                account=account,
                cents=account.ageing.past_due,
                due_on=on + timedelta(days=3),
                made_on=on,
                by=by,
            )
        )
    return made


def compare() -> None:
    """Compare the ageing of the real accounts with the file's own statuses; docs/uci.md explains every class."""
    from fairdue.accounts.models import Ageing
    from fairdue.intake.portfolio import uci

    rows = Ageing.objects.filter(account__creditor__code="uci-cards")
    found = uci.compare(
        dict(rows.values_list("account__external_ref", "days_past_due")), EXAMPLE / "uci_credit_card.csv.gz"
    )
    _say(f"ageing of {found.accounts:,} real accounts: {found.share:.1%} agree with the file's own months late")
    for group in found.classes:
        _say(f"  {group.accounts:>6,}  {group.name}: {group.says.en}")


# ---- the demo's mailbox


def _post_office(folder: Path, port: int) -> Any:
    """A real SMTP server on loopback that keeps every mail as a file, so that nothing leaves the machine."""
    from aiosmtpd.controller import Controller

    folder.mkdir(parents=True, exist_ok=True)
    lock = threading.Lock()

    class Keep:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
            with lock:
                number = len(list(folder.glob("*.eml"))) + 1
                message = message_from_bytes(envelope.content)
                (folder / f"{number:05}.eml").write_bytes(message.as_bytes())
            return "250 kept"

    controller = Controller(Keep(), hostname="127.0.0.1", port=port)
    controller.start()
    return controller


# ---- words


def _say(text: str) -> None:
    click.echo(text, err=True)


def _welcome(port: int, home: Path) -> None:
    rows = "\n".join(f"  {name:<12} {PASSWORD}   {next(s.zh for s in SEATS if s.username == name)}" for name in SHOWN)
    click.echo(
        f"\nFairdue is ready: http://127.0.0.1:{port}\n\n"
        f"Sign in as (name, password):\n{rows}\n"
        f"  maria        {PASSWORD}   Maria Lopez (collector, English)\n\n"
        f"A payment file to upload as lead (示例网贷): {home / PAYMENTS_TO_TRY}\n"
        f"Mail the workplace sends is kept in {home / 'demo-mail'}.\nCtrl-C stops everything."
    )
    sys.stdout.flush()
