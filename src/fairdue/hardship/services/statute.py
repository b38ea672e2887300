"""What a statute grants: whom a scheme is for, how long it runs at most, what ends it."""

from datetime import date, datetime

from django.utils import timezone, translation

from fairdue.accounts.models import Account
from fairdue.cases.models import Case
from fairdue.hardship.models import Effect, File, Review
from fairdue.hardship.refusing import HardshipRefused
from fairdue.hardship.services.files import noted
from fairdue.law.schemes import Scheme, everything, months_later
from fairdue.staff import policies
from fairdue.staff.models import User


def unfit(scheme: Scheme, *, case: Case, on: date, reason: str = "") -> HardshipRefused | None:
    """Why a scheme is not for a case, and how to mend it; None where it may be. A reason or region not known ("")
    excludes nothing."""
    zh, en = scheme.name["zh"], scheme.name["en"]
    if scheme.jurisdiction != case.creditor.jurisdiction:
        return HardshipRefused(
            "scheme", zh=f"“{zh}”不是债权人所在国家的安排，请另选或不选。",
            en=f"“{en}” is no scheme of the creditor's country; choose another, or none.",
        )  # fmt: skip
    if not scheme.fits(on=on):
        return HardshipRefused(
            "scheme", zh=f"“{zh}”在 {on} 不生效，请另选或不选。",
            en=f"“{en}” is not in force on {on}; choose another, or none.",
        )  # fmt: skip
    owed = Account.objects.filter(
        debtor_id=case.person_id, creditor_id=case.creditor_id, status=Account.Status.OPEN
    ).values_list("product", flat=True)
    if scheme.products and not set(owed) & set(scheme.products):
        return HardshipRefused(
            "scheme", zh=f"“{zh}”不适用于这些账户的产品，请另选或不选。",
            en=f"“{en}” is not for the products of these accounts; choose another, or none.",
        )  # fmt: skip
    region = case.person.region
    if scheme.reaches(region) is False:
        return HardshipRefused(
            "place",
            zh=f"“{zh}”适用于：{scheme.who['zh']}。记录的居住地是 {region}，不能采用。请选当地的安排；记录有误的，先更正居住地。",
            en=f"“{en}” is for: {scheme.who['en']}. The borrower lives in {region} on record. Choose a scheme of that "
            "place; if the record is wrong, have it corrected first.",
        )  # fmt: skip
    if not scheme.fits(reason=reason):
        return HardshipRefused(
            "reason", zh=f"“{zh}”只适用于困难原因：{_reasons(scheme, 'zh-hans')}。请改选原因，或不采用该安排。",
            en=f"“{en}” is for the reason {_reasons(scheme, 'en')} alone; choose that reason, or no scheme.",
        )  # fmt: skip
    return None


def _reasons(scheme: Scheme, language: str) -> str:
    with translation.override(language):
        return "、 "[language == "en"].join(str(File.Reason(reason).label) for reason in scheme.reasons)


def earlier(scheme: Scheme, *, case: Case, on: date) -> date | None:
    """When the latest of the scheme began before `on` for the person, where the law gives one in so many months."""
    if scheme.once_months is None:
        return None
    since = months_later(on, -scheme.once_months)
    known = Effect.objects.filter(
        file__person=case.person_id, file__scheme=scheme.id, by_law=True, undone=False, starts_on__gt=since, starts_on__lt=on
    )  # fmt: skip
    return known.order_by("-starts_on").values_list("starts_on", flat=True).first()


def law_until(effect: Effect) -> date | None:
    """The last day that the statute gives to an effect by law; None where it gives none yet, or no law grants it."""
    if not effect.by_law:
        return None
    scheme = everything().get(effect.file.scheme)
    if scheme is None:
        return effect.ends_on
    last = scheme.ends_on(effect.starts_on, effect.file.event_on)
    return max(last, effect.starts_on) if last else None


def refuse_beyond(effect: Effect, ends_on: date) -> None:
    """Raises HardshipRefused for an end by law that lies beyond what the statute gives."""
    last = law_until(effect)
    if last is None or ends_on <= last:
        return
    ends = effect.file.law.get("ends", {})
    raise HardshipRefused(
        "statute",
        zh=f"依法最晚至 {last}（{ends.get('zh', '')}），不能以“依法”延长。需要更久的，请另加一项我方自行决定的暂停，"
        "单独标明，按其自身权限。",
        en=f"By law it ends on {last} ({ends.get('en', '')}); it cannot be prolonged by law. For longer, add a pause at our "
        "own judgement beside it: it is marked so and has limits of its own.",
    )  # fmt: skip


# ---- what ends a scheme


def note_event(*, file: File, on: date, by: User, today: date) -> bool:
    """What ends the file's scheme happened on `on`; False when that was noted before. Raises HardshipRefused."""
    scheme = everything().get(file.scheme)
    if scheme is None or not scheme.event:
        raise HardshipRefused("no_event", zh="该安排不以事件结束。", en="Nothing that happens ends this scheme.")
    if file.event_on == on:
        return False
    if file.event_on is not None:
        raise HardshipRefused(
            "noted", zh=f"已登记为 {file.event_on}；有误的，请由有权解除停催的另一人更正。",
            en=f"{file.event_on} is noted already; if it is wrong, somebody else who may lift a hold corrects it.",
        )  # fmt: skip
    _check_day(file, on, today)
    _keep(file, on, by)
    noted("hardship.event", file, by, on=on)
    return True


def correct_event(*, file: File, on: date | None, why: str, by: User, now: datetime) -> date:
    """Another day than was noted, or (None) it has not happened; the day noted before. By a second person who may lift
    a hold; `why` stands among the reviews, not in the journal. Raises HardshipRefused."""
    was = file.event_on
    if was is None or file.status == File.Status.ENDED:
        raise HardshipRefused(
            "no_event", zh="没有可更正的日期；档案已结束的，请重新建立。",
            en="There is no day to correct; if the file has ended, open one anew.",
        )  # fmt: skip
    if not policies.may(by, "hold.lift"):
        raise HardshipRefused(
            "not_entitled", zh="您无权更正，请交主管、投诉岗或合规处理。",
            en="You may not correct it; hand it to your lead, complaints or compliance.",
        )  # fmt: skip
    if by.pk == file.event_by_id:
        raise HardshipRefused(
            "four_eyes", zh="不能更正自己登记的日期，请由另一人更正。", en="Nobody corrects the day they noted themselves."
        )  # fmt: skip
    if not why.strip():
        raise HardshipRefused("why", zh="请写明更正原因。", en="Say why it is corrected.")
    if on is not None:
        _check_day(file, on, timezone.localdate(now))
    _keep(file, on, by)
    Review.objects.create(file=file, decision=Review.Decision.CHANGE, reason=why.strip()[:300], by=by, at=now)
    noted("hardship.event_corrected", file, by, was=was, on=on)
    return was


def began_on(file: File) -> date:
    """The first day of what a statute grants in a file; without any, the day it was opened."""
    first = file.effects.filter(by_law=True).order_by("starts_on").values_list("starts_on", flat=True).first()
    return first or timezone.localdate(file.opened_at)


def _check_day(file: File, on: date, today: date) -> None:
    first = began_on(file)
    if not first <= on <= today:
        raise HardshipRefused(
            "on", zh=f"日期须在 {first}（开始日）与今天 {today} 之间，请核对通知。",
            en=f"The day lies between {first}, when it began, and today, {today}; look at the notice again.",
        )  # fmt: skip


def _keep(file: File, on: date | None, by: User) -> None:
    file.event_on, file.event_by = on, by if on else None
    file.save(update_fields=["event_on", "event_by"])
