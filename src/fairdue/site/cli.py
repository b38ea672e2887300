"""The `fairdue` command. Pure commands (ageing, gate, law) need no database; the others start or join one."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Any, TextIO

import click

from fairdue.money.case_help import HELP

CONTEXT = {"help_option_names": ["-h", "--help"]}


class Spoken(click.Group):
    """A group whose commands end in words, not in a traceback, where the fault is not the program's: what Fairdue itself
    refuses (its own error classes say why), a file that cannot be opened or is no text, a database that is not there."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exit code 1 with the reason on stderr when it was refused."""
        try:
            return super().invoke(ctx)
        except Exception as err:
            if not _speaks(err):
                raise
            raise click.ClickException(str(err)) from err


def _speaks(err: Exception) -> bool:
    kind = type(err)
    name = f"{kind.__module__}.{kind.__name__}"
    ours = kind.__module__.partition(".")[0] == "fairdue"
    return ours or isinstance(err, OSError | UnicodeDecodeError) or name == "django.db.utils.OperationalError"


@click.group(cls=Spoken, context_settings=CONTEXT)
@click.version_option(package_name="fairdue")
def main() -> None:
    """Fairdue: the workplace for recovering overdue consumer debt lawfully and humanely."""


def database() -> None:
    """Start or join the database and load Django."""
    from fairdue.site import embedded

    try:
        embedded.ensure_database_url()
    except RuntimeError as err:
        raise click.ClickException(str(err)) from err
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fairdue.site.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as err:
        raise click.ClickException(str(err)) from err


def in_english(command: Any) -> Any:
    """What a command says is English, whatever language the workplace speaks."""

    @wraps(command)
    def run(*given: Any, **named: Any) -> None:
        from django.utils import translation

        database()
        with translation.override("en"):
            command(*given, **named)

    return run


def tell(value: dict[str, Any], *, as_json: bool) -> None:
    """Print a result: one JSON line for machines, aligned lines for people."""
    if as_json:
        click.echo(json.dumps(value, ensure_ascii=False, default=str))
        return
    width = max((len(key) for key in value), default=0)
    for key, item in value.items():
        click.echo(f"{key:<{width}}  {item}")


def jsonl(results: Iterable[dict[str, Any]], out: TextIO) -> int:
    """Write results as JSON lines; the number of those that carry an error."""
    errors = 0
    for result in results:
        errors += "error" in result
        line = json.dumps(result, ensure_ascii=False, default=str)
        out.write(line.encode("utf-8", "backslashreplace").decode() + "\n")  # half a surrogate pair stays an escape
    return errors


def some(results: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The results; where there are none, a word on stderr, for silence looks like success."""
    count = 0
    for count, result in enumerate(results, 1):  # noqa: B007 - the last number is asked for below
        yield result
    if not count:
        click.echo("no case was read: the input is empty", err=True)


as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON line instead of text.")


@main.command()
@click.option("--port", default=8000, show_default=True, help="Port of the web workplace.")
@click.option("--accounts", default=3000, show_default=True, help="Accounts of the made-up portfolio.")
@click.option("--no-uci", is_flag=True, help="Leave out the 30,000 real card accounts.")
def demo(port: int, accounts: int, no_uci: bool) -> None:
    """Everything at once: database, demo data, one night, web and worker. Ctrl-C stops it all."""
    from fairdue.site import demo as running

    sys.exit(running.run(port=port, accounts=accounts, uci=not no_uci))


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=2, show_default=True, help="Web processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve the web workplace (run `fairdue migrate` and `fairdue manage collectstatic` first)."""
    database()
    from fairdue.site import processes

    command = processes.web(host=host, port=port, workers=workers)
    os.execv(command[0], command)  # noqa: S606


@main.command()
@click.option("--jobs", default=2, show_default=True, help="Jobs at the same time.")
@click.option("--once", is_flag=True, help="Do what is waiting, then end.")
def worker(jobs: int, once: bool) -> None:
    """Do background work: loads, the outbox, the nightly run."""
    database()
    from procrastinate.contrib.django import app

    worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    with worker_app.open():
        worker_app.run_worker(
            concurrency=jobs,
            wait=not once,
            install_signal_handlers=True,
            delete_jobs="successful",
            listen_notify=not once,
        )


@main.command()
@as_json
def migrate(as_json: bool) -> None:
    """Bring the database to this version's schema."""
    database()
    from django.core.management import call_command

    call_command("migrate", verbosity=0 if as_json else 1, interactive=False)
    tell({"schema": "up to date"}, as_json=as_json)


@main.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Any Django management command, such as `fairdue manage collectstatic`."""
    database()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["fairdue manage", *arguments])


@main.group()
def intake() -> None:
    """Files from creditors."""


KINDS = ["accounts", "dues", "payments", "bank", "contacts"]
a_file = click.Path(exists=True, dir_okay=False, path_type=Path)
file_options = [
    click.argument("path", type=a_file),
    click.option("--creditor", "-c", required=True, help="Code of the creditor."),
    click.option("--kind", "-k", required=True, type=click.Choice(KINDS), help="What the rows are."),
    click.option("--mapping", "-m", type=a_file, help="YAML mapping; else the creditor's own."),
    as_json,
]


def with_file(command: Any) -> Any:
    """The options of both intake commands."""
    for option in reversed(file_options):
        command = option(command)
    return command


def checked_file(report: dict[str, Any]) -> dict[str, Any]:
    """What `intake check` found, in lines for people; what is empty is left out."""
    from fairdue.money.amount import format_amount

    if report["problem"]:
        return {"problem": report["problem"]}
    lines: dict[str, Any] = {"format": f"{report['format']} {report['encoding']}".strip()}
    lines |= {name: ", ".join(report[name]) for name in ("columns", "unused")}
    lines |= {"rows": f"{report['read']} read, {report['good']} good, {report['rejected']} rejected"}
    for each in report["sums"]:
        money = (f"{format_amount(each[part], each['currency'])} {part}" for part in ("read", "good", "rejected"))
        lines[f"{each['field']} {each['currency']}"] = ", ".join(money)
    lines |= {f"fault {code}": n for code, n in report["faults"].items()}
    lines |= {f"row {row.pop('row', n)} as read": ", ".join(f"{k} {v}" for k, v in row.items())
              for n, row in enumerate(report["sample"][:3], 2)}  # fmt: skip
    lines |= dict(error.split(": ", 1) for error in report["errors"])
    return {name: line for name, line in lines.items() if line != ""}


@intake.command("check")
@with_file
def intake_check(path: Path, creditor: str, kind: Any, mapping: Path | None, as_json: bool) -> None:
    """Show how a file would be understood and list its problems, loading nothing."""
    database()
    from fairdue.intake import services

    report = services.check_file(path=path, creditor_code=creditor, kind=kind, mapping_path=mapping)
    tell(report if as_json else checked_file(report), as_json=as_json)
    if report.get("problem") or report.get("rejected"):
        sys.exit(1)


@intake.command("load")
@with_file
def intake_load(path: Path, creditor: str, kind: Any, mapping: Path | None, as_json: bool) -> None:
    """Load a file: every row ends as loaded, updated, unchanged or rejected."""
    database()
    from tqdm import tqdm

    from fairdue.intake import services

    with tqdm(unit=" rows", disable=as_json or not sys.stderr.isatty()) as bar:

        def progress(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        load = services.load_file(path=path, creditor_code=creditor, kind=kind, mapping_path=mapping, progress=progress)
    ends = {
        "status": load.status, "read": load.rows_read, "loaded": load.loaded, "updated": load.updated,
        "unchanged": load.unchanged, "rejected": load.rejected,
    }  # fmt: skip
    more = {"problem": load.problem, "rejected rows": load.rejected_path}
    if as_json:
        tell(ends | {"sums": load.sums} | more, as_json=True)
    else:
        tell(ends | {name: text for name, text in more.items() if text}, as_json=False)
    if load.status != "done":
        sys.exit(1)


@intake.command("generate")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--accounts", default=10_000, show_default=True, type=click.IntRange(1, 10_000_000))
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same portfolio.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The morning it stands for; today unless said.")
@click.option("--format", "form", default="csv", show_default=True, type=click.Choice(["csv", "parquet"]))
@as_json
def intake_generate(folder: Path, accounts: int, seed: int, as_of: datetime | None, form: Any, as_json: bool) -> None:
    """Write a made-up Chinese and American portfolio as files with their mappings, streamed at any size."""
    from tqdm import tqdm

    from fairdue.intake import portfolio

    with tqdm(total=accounts, unit=" accounts", disable=as_json or not sys.stderr.isatty()) as bar:

        def progress(many: int) -> None:
            bar.update(many)

        day = (as_of or datetime.now()).date()  # noqa: DTZ005
        made = portfolio.generate(folder, accounts=accounts, seed=seed, as_of=day, format=form, progress=progress)
    for code, files in made.files.items():
        for kind, path in files.items():
            tell({"creditor": code, "kind": kind, "rows": made.rows[code][kind], "file": path,
                  "mapping": made.mappings[code]}, as_json=as_json)  # fmt: skip


@main.command()
@click.option("--date", "on", type=click.DateTime(["%Y-%m-%d"]), help="The day to plan; today unless said.")
@click.option(
    "--look-back", "months", default=0, help="First work out the buckets of so many past months (new accounts)."
)
@as_json
def night(on: datetime | None, months: int, as_json: bool) -> None:
    """Plan a day: payments, promises, ageing, scores, gate, allocation, worklists. Safe to repeat."""
    database()
    from django.utils import timezone
    from tqdm import tqdm

    from fairdue.flows import night as flow

    day: date = on.date() if on else timezone.localdate()
    if months:
        from fairdue.accounts.services import look_back

        look_back(before=day, months=months)
    with tqdm(total=len(flow.STEPS), unit=" steps", disable=as_json or not sys.stderr.isatty()) as bar:

        def progress(step: str, counts: dict[str, Any], seconds: float) -> None:
            bar.update(1)
            if not as_json:
                tqdm.write(f"{step:<10} {seconds:7.2f} s  " + "  ".join(f"{k} {v}" for k, v in counts.items()))

        run = flow.run(day, now=timezone.now(), progress=progress)
    tell({"date": run.on, "status": run.status, **run.summary}, as_json=as_json)
    if run.status != "done":
        sys.exit(1)


@main.command()
@click.argument("cases", type=click.File("r", encoding="utf-8", errors="replace"), default="-")
@click.option("--out", type=click.File("w", encoding="utf-8"), default="-")
def ageing(cases: TextIO, out: TextIO) -> None:
    """Age anyone's cases: JSON lines in, JSON lines out (docs/ageing.md)."""
    from fairdue.money.ageing_cases import age_cases

    if jsonl(age_cases(cases), out):
        sys.exit(1)


@main.group()
def money() -> None:
    """Anyone's money cases: JSON lines in, JSON lines out (docs/money.md)."""


def money_cases(name: str, says: str) -> None:
    """Add `fairdue money NAME`; its help ends with the fields and an example."""
    parts = (f"\b\n{part}" for part in HELP[name].split("\n\n"))

    @money.command(name, help=says, epilog="\n\n".join(parts))
    @click.argument("cases", type=click.File("r", encoding="utf-8", errors="replace"), default="-")
    @click.option("--out", type=click.File("w", encoding="utf-8"), default="-")
    def run(cases: TextIO, out: TextIO) -> None:
        from fairdue.money.cases import answers

        if jsonl(answers(name, cases), out):
            sys.exit(1)


money_cases("schedule", "Instalments of loans, to the cent.")
money_cases("apply", "Payments over what is owed, in the order of application.")
money_cases("accrue", "Interest, penalty interest and fees from day to day, with payments and ceilings.")


@main.group()
def ledger() -> None:
    """The transfers and the balances that follow from them."""


@ledger.command("verify")
@as_json
def ledger_verify(as_json: bool) -> None:
    """Replay the ledger: balances, payments, reversals, currencies, write-offs; exit code 1 when anything differs."""
    database()
    from fairdue.accounts import queries

    found = queries.verify()
    result = {
        "accounts": found.accounts,
        "transfers": found.transfers,
        "result": "intact" if found.intact else "BROKEN",
    }
    tell(result | ({"broken": found.broken} if found.broken else {}), as_json=as_json)
    if not found.intact:
        sys.exit(1)


@main.group()
def gate() -> None:
    """The law gate."""


@gate.command("judge")
@click.argument("cases", type=click.File("r", encoding="utf-8", errors="replace"), default="-")
@click.option("--out", type=click.File("w", encoding="utf-8"), default="-")
def gate_judge(cases: TextIO, out: TextIO) -> None:
    """Judge anyone's cases: JSON lines in, JSON lines out (docs/rules.md)."""
    from fairdue.law.cases import judge_cases

    if jsonl(some(judge_cases(cases)), out):
        sys.exit(1)


@main.group()
def law() -> None:
    """The law in figures."""


@law.command("calc")
@click.argument("cases", type=click.File("r", encoding="utf-8", errors="replace"), default="-")
@click.option("--out", type=click.File("w", encoding="utf-8"), default="-")
def law_calc(cases: TextIO, out: TextIO) -> None:
    """Work out fees, allocations, clocks and caps: JSON lines in, JSON lines out (docs/calculations.md)."""
    from fairdue.law.calc.questions import answer_lines

    if jsonl(some(answer_lines(cases)), out):
        sys.exit(1)


@main.group()
def rules() -> None:
    """The rulebook: drafts checked and tried, verdicts judged again."""


@rules.command("check")
@click.argument("path", type=a_file)
@as_json
def rules_check(path: Path, as_json: bool) -> None:
    """Read a pack and judge its examples; exit code 1 when something is wrong, with file, line, rule and cure."""
    from fairdue.law import packs, packtext
    from fairdue.law.located import PackError

    try:
        text = packtext.read(path)
    except PackError as err:
        raise click.ClickException(str(err)) from err
    mistakes = packtext.mistakes(text, file=path.name)
    unreadable = packtext.unreadable(text, file=path.name)
    tried = [] if unreadable else packtext.tried(packs.load(text, file=path.name))
    wrong = [str(mistake) for mistake in mistakes]
    wrong += [str(one.mistake) for one in tried if one.found]
    if as_json:
        tell({"examples": len(tried), "judged": not unreadable, "mistakes": wrong}, as_json=True)
    else:
        judged = "not judged while a rule cannot be read" if unreadable else str(len(tried))
        found = f"{len(wrong)}, the first of each rule; mend them and check again" if unreadable else str(len(wrong))
        tell({"examples": judged, "mistakes": found}, as_json=False)
    for line in wrong:
        click.echo(line, err=True)
    if wrong:
        sys.exit(1)


@rules.command("replay")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on; else since the last replay.")
@as_json
@in_english
def rules_replay(since: datetime | None, as_json: bool) -> None:
    """Judge stored verdicts again by their own facts and packs; exit code 1 when one comes out otherwise."""
    from django.utils import timezone
    from tqdm import tqdm

    from fairdue.contact.rulebook import services

    with tqdm(unit=" verdicts", disable=as_json or not sys.stderr.isatty()) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        run = services.replay(now=timezone.now(), since=since.date() if since else None, progress=progress)
    tell({"replay": run.pk, "verdicts": run.judged, "different": run.different, "seconds": round(run.seconds, 2)},
         as_json=as_json)  # fmt: skip
    for found in run.differences.order_by("verdict_id")[:100]:
        click.echo(f"verdict {found.verdict_id}: {json.dumps(found.what, ensure_ascii=False)}", err=True)
    if run.different:
        sys.exit(1)


@rules.command("try")
@click.argument("path", type=a_file, required=False)
@click.option("--set", "changes", multiple=True, metavar="RULE.TERM=VALUE", help="Change a number instead of a file.")
@click.option("--days", default=30, show_default=True, help="How many days of verdicts.")
@as_json
@in_english
def rules_try(path: Path | None, changes: tuple[str, ...], days: int, as_json: bool) -> None:
    """What a draft of a pack would have stopped or freed, and what it does to the lists of today and tomorrow."""
    from django.utils import timezone

    from fairdue.contact.rulebook import queries, services

    now = timezone.now()
    try:
        pack, file, text = queries.draft_from(path, changes, at=now)
        trial = services.try_now(text=text, pack=pack, file=file, days=days, now=now)
    except ValueError as err:
        raise click.ClickException(str(err)) from err
    if trial.status != "done":
        raise click.ClickException(trial.error)
    tell(trial.result if as_json else queries.summary(trial.result), as_json=as_json)


@main.group()
def journal() -> None:
    """The record of everything that changed or was seen."""


@journal.command("verify")
@as_json
def journal_verify(as_json: bool) -> None:
    """Walk the whole chain; exit code 1 when an entry is missing or was changed."""
    database()
    from fairdue.journal import queries

    report = queries.verify()
    tell(
        {"entries": report.entries, "result": "intact" if report.intact else "BROKEN", "head": report.head},
        as_json=as_json,
    )
    for problem in report.problems:
        click.echo(problem, err=True)
    if not report.intact:
        sys.exit(1)


@journal.command("export")
@click.argument("out", type=click.File("w", encoding="utf-8"), default="-")
def journal_export(out: TextIO) -> None:
    """Write the chain as JSON lines; scripts/verify_journal.py checks them anywhere, without Fairdue."""
    database()
    from fairdue.journal import queries

    click.echo(f"{queries.export(out)} entries", err=True)


@journal.command("seal")
@click.option("--date", "on", type=click.DateTime(["%Y-%m-%d"]))
def journal_seal(on: datetime | None) -> None:
    """Note where the chain stands this evening."""
    database()
    from django.utils import timezone

    from fairdue.journal import services

    seal = services.seal(day=on.date() if on else timezone.localdate())
    click.echo(f"{seal.day}: entry {seal.seq}, {bytes(seal.hash).hex()}")


@main.command()
@click.option("--person", help="An account's reference, a case's (creditor-number), or # and a person's number.")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="First day of the period.")
@click.option("--to", "until", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the period, included.")
@click.option("--creditor", "-c", help="Code of a creditor; every one unless said.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Of the report.")
@click.option("--full", is_flag=True, help="Personal data unmasked; needs --reason.")
@click.option("--reason", default="", help="Why; journalled.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to put the ZIP.")
@as_json
def evidence(
    person: str | None, since: datetime | None, until: datetime | None, creditor: str | None, language: str, full: bool,
    reason: str, out: Path, as_json: bool,
) -> None:  # fmt: skip
    """Put together everything about a person or a period in a ZIP that proves itself (docs/evidence.md)."""
    database()
    from tqdm import tqdm

    from fairdue.evidence import queries, services
    from fairdue.evidence.scope import period

    owed_to = queries.creditor_of(creditor) if creditor else None
    who = queries.person_of(person, creditor=owed_to) if person else None
    scope = period(
        since.date() if since else None,
        until.date() if until else None,
        person_id=who.pk if who else None,
        creditor_id=owed_to.pk if owed_to else None,
    )
    pack = services.ask(scope=scope, by=None, full=full, reason=reason, language=language, queue=False)
    with tqdm(unit=" steps", disable=as_json or not sys.stderr.isatty()) as bar:

        def progress(step: str, done: int, total: int) -> None:
            bar.total = total
            bar.set_description(step)
            bar.update(done - bar.n)

        pack = services.make(pack=pack, progress=progress)
    services.copy_to(pack=pack, target=out)
    tell({"pack": pack.pk, "file": str(out), "manifest": pack.manifest, **pack.rows}, as_json=as_json)


@main.group()
def keys() -> None:
    """The keys that seal personal data."""


@keys.command("rotate")
@as_json
def keys_rotate(as_json: bool) -> None:
    """Seal everything anew with the first of FAIRDUE_SEAL_KEYS. Safe to repeat and to interrupt."""
    database()
    from fairdue.hardship import services as hardship
    from fairdue.people import services

    tell({"sealed anew": services.rotate() + hardship.rotate()}, as_json=as_json)


@keys.command("new")
def keys_new() -> None:
    """Print a new random key for FAIRDUE_SEAL_KEYS."""
    import base64
    import secrets

    click.echo(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())


@main.command()
@click.option(
    "--only", multiple=True, help="Only these: gate, content, simulation, import, payments, charges, night, next."
)
@click.option("--quick", is_flag=True, help="Small sizes, to try the measuring itself.")
def bench(only: tuple[str, ...], quick: bool) -> None:
    """Measure the budgets on a scratch database; writes bench/RESULTS.md."""
    from fairdue.site import bench as measuring

    sys.exit(measuring.run(only=only, quick=quick))


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@as_json
def backup(folder: Path, as_json: bool) -> None:
    """Write the database and the files into FOLDER; `fairdue restore` brings them back. The keys are not in it."""
    database()
    from django.conf import settings

    from fairdue.site import backup as keeping

    sizes = keeping.keep(folder, url=os.environ["DATABASE_URL"], files=settings.MEDIA_ROOT)
    tell({str(folder / name): f"{size:,} bytes" for name, size in sizes.items()}, as_json=as_json)


@main.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def restore(folder: Path) -> None:
    """Bring back what `fairdue backup` wrote, into an empty database and an empty folder; then verify the journal."""
    database()
    from django.conf import settings

    from fairdue.journal import queries
    from fairdue.site import backup as keeping

    keeping.restore(folder, url=os.environ["DATABASE_URL"], files=settings.MEDIA_ROOT)
    report = queries.verify()
    click.echo(f"journal: {report.entries} entries, {'intact' if report.intact else 'BROKEN'}")
    if not report.intact:
        sys.exit(1)


@main.command()
def stop() -> None:
    """Stop private databases left behind by a killed process."""
    from fairdue.site import embedded

    for folder in ("pg", "test-pg", "bench-pg"):
        embedded.stop(embedded.home() / folder)


@main.command()
def messages() -> None:
    """Collect and compile the translations of every app (needs gettext)."""
    import subprocess

    package = Path(__file__).resolve().parents[1]
    for folder in _translated(package):
        for verb in (["makemessages", "-l", "zh_Hans", "--no-obsolete", "--no-location"], ["compilemessages"]):
            subprocess.run([sys.executable, "-m", "django", *verb], cwd=folder, check=True)  # noqa: S603


def _translated(package: Path) -> Iterator[Path]:
    for locale in sorted(package.glob("**/locale")):
        yield locale.parent


if __name__ == "__main__":
    main()
