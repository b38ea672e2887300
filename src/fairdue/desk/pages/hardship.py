"""The hardship worklist, the panel of a case, and how its forms are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairdue.accounts.models import Account, Creditor
from fairdue.cases.models import Case
from fairdue.cases.queries import visible_to
from fairdue.contact.models import Attempt
from fairdue.desk.asking import Query, read_day
from fairdue.desk.pages.plan import accounts_of
from fairdue.flows.hardship import wanted_by
from fairdue.hardship.models import Approval, Effect, Evidence, File, Review
from fairdue.hardship.policy import policy
from fairdue.hardship.services import HardshipRefused, Wanted, began_on, beyond, earlier, law_until, unfit
from fairdue.law import codes
from fairdue.law.schemes import Scheme, everything, schemes
from fairdue.people.models import Source
from fairdue.staff.models import Team, User

SHOW: Final[dict[str, Any]] = {
    "asked": _("to be looked at"),
    "overdue": _("review overdue"),
    "due": _("review due today"),
    "soon": _("review within 7 days"),
    "ending": _("ending within 7 days"),
    "over": _("nothing granted runs"),
    "waiting": _("waiting for approval"),
    "unproven": _("evidence missing"),
}
"""What the worklist may be asked for, what hurries first."""
CHOICES: Final = ("grace", "quiet", "interest", "late")
"""The effects one may grant at one's own judgement, in the order of the form."""


@dataclass(frozen=True)
class Filters:
    """What to show: a key of SHOW, team, creditor ("" / None = all)."""

    show: str = ""
    team: int | None = None
    creditor: int | None = None

    @property
    def query(self) -> str:
        """The filter as the query part of an address."""
        return urlencode({name: value for name, value in self.__dict__.items() if value not in (None, "")})

    def without(self, **changes: Any) -> str:
        """The query with something else in place."""
        return Filters(**{**self.__dict__, **changes}).query


def filters(query: Query) -> Filters:
    """Read the filters of an address."""
    return Filters(
        show=query.choice("show", _("What is due"), SHOW),
        team=query.whole("team", _("Team")),
        creditor=query.whole("creditor", _("Creditor")),
    )


# ---- the worklist: what is due is asked for, never stored


def visible(user: User) -> QuerySet[File]:
    """The files of the cases a user may see."""
    return File.objects.filter(case__in=visible_to(user))


def _unproven() -> Exists:
    """Whether a statute's effects run in a file that holds no sealed document."""
    by_law = Effect.objects.filter(file=OuterRef("pk"), by_law=True, status=Effect.Status.RUNNING)
    proof = Evidence.objects.filter(file=OuterRef("file"), content__isnull=False)
    return Exists(by_law.exclude(Exists(proof)))


def _over() -> Q:
    """Whether all that a file granted is over and nobody has looked at it since; a plan lives by itself."""
    granted = Effect.objects.filter(file=OuterRef("pk")).exclude(kind=Effect.Kind.PLAN)
    runs = granted.filter(Q(status__in=(Effect.Status.RUNNING, Effect.Status.ASKED)) | Q(asked_until__isnull=False))
    before = Q(file__reviewed_at=None) | Q(file__reviewed_at__date__lte=F("ends_on"))
    return Q(Exists(granted.filter(before, status=Effect.Status.ENDED))) & ~Q(Exists(runs))


def _due(show: str, today: date) -> Q:
    soon, live = today + timedelta(policy().soon_days), Q(status__in=File.LIVE)
    running = Effect.objects.filter(
        file=OuterRef("pk"), status=Effect.Status.RUNNING, ends_on__range=(today, soon)
    ).exclude(kind=Effect.Kind.PLAN)
    return {
        "asked": Q(status=File.Status.ASKED),
        "overdue": live & Q(review_on__lt=today),
        "due": live & Q(review_on=today),
        "soon": live & Q(review_on__gt=today, review_on__lte=soon),
        "ending": live & Q(Exists(running)),
        "over": live & _over(),
        "waiting": Q(Exists(Approval.objects.filter(file=OuterRef("pk"), answer=Approval.Answer.WAITING))),
        "unproven": live & Q(_unproven()),
        "": Q(),
    }[show]


def found(user: User, chosen: Filters, *, today: date) -> QuerySet[File]:
    """The files of a filter, what hurries first."""
    files = visible(user).exclude(status=File.Status.ENDED).filter(_due(chosen.show, today))
    if chosen.team is not None:
        files = files.filter(case__owner__team=chosen.team)
    if chosen.creditor is not None:
        files = files.filter(case__creditor=chosen.creditor)
    effects = Effect.objects.filter(status__in=(Effect.Status.RUNNING, Effect.Status.ASKED)).select_related("account")
    waiting = Approval.objects.filter(answer=Approval.Answer.WAITING)
    return (
        files.annotate(unproven=_unproven())
        .select_related("case__person", "case__creditor", "case__owner__team", "opened_by")
        .prefetch_related(
            Prefetch("effects", queryset=effects.order_by("pk"), to_attr="granted"),
            Prefetch("approvals", queryset=waiting.select_related("asked_by"), to_attr="questions"),
        )
        .order_by("review_on", "pk")
    )


def counts(user: User, *, today: date) -> tuple[list[tuple[str, Any, int]], int]:
    """(key, words, n) for each of SHOW, and how many files run. One query."""
    every = visible(user).exclude(status=File.Status.ENDED)
    told = every.aggregate(**{f"n_{key}": Count("pk", filter=_due(key, today)) for key in SHOW}, whole=Count("pk"))
    return [(key, word, told[f"n_{key}"]) for key, word in SHOW.items()], told["whole"]


def due_for(user: User, *, today: date) -> list[File]:
    """What waits for a look today in the cases one owns (a lead: in the team's), the oldest first. One query."""
    waits = Q(status=File.Status.ASKED) | Q(review_on__lte=today) | Q(status__in=File.LIVE) & _over()
    files = visible(user).exclude(status=File.Status.ENDED).filter(waits)
    return list(files.select_related("case__person").order_by("review_on", "pk")[:20])


def places(user: User) -> dict[str, list[tuple[int, str]]]:
    """The teams and creditors one may choose from."""
    cases = Case.objects.filter(hardship_files__in=visible(user).exclude(status=File.Status.ENDED))
    return {
        "teams": list(Team.objects.filter(members__cases__in=cases).distinct().values_list("pk", "name")),
        "creditors": [(c.pk, c) for c in Creditor.objects.filter(cases__in=cases).distinct().order_by("pk")],  # type: ignore[misc]
    }


@dataclass(frozen=True)
class Waiting:
    """A question with what is asked for, and whether this user may answer it with yes."""

    approval: Approval
    effects: list[Effect]
    mine: bool


def approvals_of(user: User) -> list[Waiting]:
    """Hardship that waits for a word in cases the user may see, the oldest first."""
    asked = Effect.objects.filter(Q(status=Effect.Status.ASKED) | Q(asked_until__isnull=False)).select_related(
        "account"
    )
    found = (
        Approval.objects.filter(answer=Approval.Answer.WAITING, file__case__in=visible_to(user))
        .select_related("file__case__person", "asked_by")
        .prefetch_related(Prefetch("file__effects", queryset=asked.order_by("pk"), to_attr="asked_for"))
        .order_by("asked_at", "pk")
    )
    return [
        Waiting(a, a.file.asked_for, a.asked_by_id != user.pk and not beyond(a.file, user))  # type: ignore[attr-defined]
        for a in found
    ]


# ---- the panel


@dataclass(frozen=True)
class Choice:
    """One effect of the form: ticked or not, from when to when, how long this user may grant alone."""

    kind: str
    label: Any
    on: bool
    starts_on: date
    ends_on: date
    alone: int


@dataclass(frozen=True)
class Panel:
    """Everything of the panel. `file` None: nothing runs and nobody asked; then, and while it is asked, the form shows."""

    file: File | None
    effects: list[Effect]
    evidence: list[Evidence]
    reviews: list[Any]
    question: Approval | None
    may_answer: bool
    form: "Form"
    past: list[File]

    @property
    def running(self) -> bool:
        """Whether a file runs."""
        return self.file is not None and self.file.status in File.LIVE

    @property
    def scheme(self) -> Scheme | None:
        """The statutory scheme of the file."""
        return everything().get(self.file.scheme) if self.file else None

    @property
    def waits_for_event(self) -> bool:
        """Whether the scheme ends with something that has not happened yet."""
        return bool(self.scheme and self.scheme.event and any(e.by_law and e.ends_on is None for e in self.effects))

    @property
    def unproven(self) -> bool:
        """Whether a statute's effects run and no document is sealed to the file."""
        by_law = any(e.by_law and e.status == Effect.Status.RUNNING for e in self.effects)
        return self.running and by_law and not any(one.size for one in self.evidence)

    @property
    def began_on(self) -> date | None:
        """The first day that what ends the scheme may have happened on."""
        return began_on(self.file) if self.file else None


@dataclass(frozen=True)
class Form:
    """The form that opens a file, as last filled in. unfit: why the scheme is not for the case; unplaced: the region on
    record does not tell whether it is; earlier: when one of the kind began, of which the law gives one in so long."""

    key: str
    today: date
    accounts: list[Account]
    chosen: list[int]
    reason: str
    since: date | None
    words: str
    source: str
    scheme: Scheme | None
    unfit: HardshipRefused | None
    unplaced: bool
    earlier: date | None
    scheme_from: date
    schemes: list[Scheme]
    by_law: list[Wanted]
    choices: list[Choice]
    plan: bool
    each: bool
    review_on: date
    why: str

    @property
    def reasons(self) -> Any:
        """The closed list of reasons; of a scheme that names some, those."""
        named = self.scheme.reasons if self.scheme else ()
        return [(value, word) for value, word in File.Reason.choices if not named or value in named]

    @property
    def sources(self) -> Any:
        """How it may have been told."""
        return Source.choices


def files_of(case: Case) -> list[File]:
    """Every file of a case with what was decided in it, the newest first. One query, three more where there is a file."""
    files = File.objects.filter(case=case).select_related("opened_by", "ended_by").order_by("-opened_at", "-pk")
    approvals = Approval.objects.select_related("asked_by", "decided_by")
    return list(
        files.prefetch_related(
            "effects", Prefetch("reviews", Review.objects.select_related("by")), Prefetch("approvals", approvals)
        )
    )


def current(case: Case) -> File | None:
    """The file of a case that has not ended."""
    running = File.objects.filter(case=case).exclude(status=File.Status.ENDED)
    return running.select_related("opened_by", "event_by", "case").first()


def panel_of(*, case: Case, user: User, data: Mapping[str, Any], now: datetime) -> Panel:
    """The panel of a case, the form filled in with `data`."""
    file = current(case)
    effects = list(file.effects.select_related("account", "granted_by").order_by("pk")) if file else []
    question = None
    if file:
        question = file.approvals.filter(answer=Approval.Answer.WAITING).select_related("asked_by").first()
    return Panel(
        file=file,
        effects=effects,
        evidence=list(file.evidence.defer("content").select_related("added_by").order_by("pk")) if file else [],
        reviews=list(file.reviews.select_related("by").order_by("-at", "-pk")) if file else [],
        question=question,
        may_answer=bool(file and question and question.asked_by_id != user.pk and not beyond(file, user)),
        form=form_of(case=case, user=user, data=data, now=now),
        past=list(File.objects.filter(case=case, status=File.Status.ENDED).order_by("-opened_at")[:5]),
    )


def form_of(*, case: Case, user: User, data: Mapping[str, Any], now: datetime) -> Form:
    """The form with what was said so far, else with what suits most: a month, no penalty, no contact."""
    today, accounts = timezone.localdate(now), accounts_of(case)
    reason = str(data.get("reason", ""))
    scheme = everything().get(str(data.get("scheme", "")))
    misfit = unfit(scheme, case=case, on=today) if scheme else None
    start = read_day(data.get("scheme_from")) or today
    picked = [int(pk) for pk in _list(data, "accounts") if pk.isdigit()]
    chosen = picked or [account.pk for account in accounts]
    law = (
        wanted_by(scheme, accounts=[a for a in accounts if a.pk in chosen], start=start)
        if scheme and not misfit
        else []
    )
    covered = {one.kind for one in law if one.by_law} | ({"interest"} if scheme and scheme.rate is not None else set())
    said = "key" in data
    names = dict(Effect.Kind.choices)
    first = {"quiet", "late"} if scheme is None else set(scheme.effects)
    return Form(
        key=str(data.get("key", "")) or uuid4().hex, today=today, accounts=accounts, chosen=chosen, reason=reason,
        since=read_day(data.get("since")), words=str(data.get("words", "")), source=str(data.get("source", "call")),
        scheme=scheme, unfit=misfit, unplaced=scheme is not None and scheme.reaches(case.person.region) is None,
        earlier=earlier(scheme, case=case, on=start) if scheme else None,
        scheme_from=start, schemes=schemes_of(case, accounts, today), by_law=law,
        choices=[
            Choice(
                kind, names[kind], data.get(kind) == "on" if said and data.get("scheme") == data.get("scheme_was") else kind in first,
                read_day(data.get(f"{kind}_from")) or today,
                read_day(data.get(f"{kind}_to")) or _until(scheme, kind, today), policy().limit(user.role, kind),
            )
            for kind in CHOICES if kind not in covered
        ],
        plan=data.get("plan") == "on" if said else bool(scheme and "plan" in scheme.effects), each=data.get("each") == "on",
        review_on=read_day(data.get("review_on")) or today + timedelta(policy().review_after(reason)),
        why=str(data.get("why", "")),
    )  # fmt: skip


def _until(scheme: Scheme | None, kind: str, today: date) -> date:
    """The last day to begin with: that of a scheme which is not a statutory pause, else a month."""
    ends = scheme.ends_on(today) if scheme and kind in scheme.effects else None
    return ends or today + timedelta(policy().review_days)


def _list(data: Mapping[str, Any], name: str) -> list[str]:
    return data.getlist(name) if isinstance(data, QueryDict) else list(data.get(name, []))


def schemes_of(case: Case, accounts: Sequence[Account], on: date) -> list[Scheme]:
    """The schemes of the creditor's country for one of these products and for where the borrower lives, as far as known."""
    products, region = {account.product for account in accounts} or {""}, case.person.region
    found = schemes(case.creditor.jurisdiction)
    return [s for s in found if any(s.fits(product=p, region=region, on=on) for p in products)]


def wanted_of(form: Form) -> list[Wanted]:
    """What the form grants: by the scheme, and at one's own judgement."""
    accounts = [account for account in form.accounts if account.pk in form.chosen]
    law = [one for one in form.by_law if one.by_law]
    if form.scheme and form.scheme.products:
        fitting = {a.pk for a in accounts if form.scheme.fits(product=a.product)}
        law = [one for one in law if one.account is None or one.account.pk in fitting]
    return law + chosen_of(form.choices, accounts, each=form.each)


def chosen_of(choices: Sequence[Choice], accounts: Sequence[Account], *, each: bool) -> list[Wanted]:
    """The ticked effects: on contact once, on money for each account."""
    wanted = []
    for choice in choices:
        if not choice.on:
            continue
        if choice.kind == Effect.Kind.QUIET:
            wanted.append(Wanted(choice.kind, choice.starts_on, choice.ends_on))
        else:
            grace = choice.kind == Effect.Kind.GRACE
            wanted += [
                Wanted(choice.kind, choice.starts_on, choice.ends_on, account=a, each=each and grace) for a in accounts
            ]
    return wanted


def told_in(case: Case, now: datetime) -> int | None:
    """The contact in which it is being told: today's latest call with the debtor, theirs or ours, if there is one."""
    start = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return (
        Attempt.objects.filter(
            person_id=case.person_id, addressee_id=case.person_id, creditor_id=case.creditor_id,
            channel=codes.Channel.CALL, happened_at__gte=start,
            result__in=[codes.Result.PENDING, codes.Result.CONVERSATION],
        ).order_by("-happened_at", "-pk").values_list("pk", flat=True).first()
    )  # fmt: skip


# ---- the review


@dataclass(frozen=True)
class Looking:
    """The dialog of a review. effects: each with the last day that a statute gives it."""

    file: File
    effects: list[tuple[Effect, date | None]]
    choices: list[Choice]
    today: date
    again_on: date

    @property
    def by_law(self) -> bool:
        """Whether a statute's effects are among those that run."""
        return any(effect.by_law for effect, _last in self.effects)


def looking_at(*, file: File, user: User, now: datetime) -> Looking:
    """What runs, what may be added, when to look again."""
    today = timezone.localdate(now)
    related = file.effects.select_related("account", "file").order_by("pk")
    running = [effect for effect in related if effect.status == Effect.Status.RUNNING]
    kinds, names = {e.kind for e in running if not e.by_law}, dict(Effect.Kind.choices)
    month = today + timedelta(policy().review_days)
    return Looking(
        file=file, effects=[(e, law_until(e)) for e in running if e.kind != Effect.Kind.PLAN], today=today,
        choices=[
            Choice(kind, names[kind], False, today, month, policy().limit(user.role, kind)) for kind in CHOICES if kind not in kinds
        ],
        again_on=today + timedelta(policy().review_after(file.reason)),
    )  # fmt: skip


def review_of(look: Looking, data: QueryDict) -> dict[str, Any]:
    """What the dialog says, as arguments of flows.hardship.review."""
    until = {e.pk: day for e, _last in look.effects if (day := read_day(data.get(f"until_{e.pk}")))}
    choices = [
        Choice(
            c.kind,
            c.label,
            data.get(c.kind) == "on",
            look.today,
            read_day(data.get(f"{c.kind}_to")) or c.ends_on,
            c.alone,
        )
        for c in look.choices
    ]
    decision = data.get("decision", "")
    return {
        "decision": decision if decision in ("keep", "change", "plan", "end") else "keep",
        "reason": data.get("reason", ""), "again_on": read_day(data.get("again_on")), "undo": data.get("undo") == "on",
        "until": until if decision == "change" else {},
        "wanted": chosen_of(choices, accounts_of(look.file.case), each=False) if decision == "change" else [],
    }  # fmt: skip
