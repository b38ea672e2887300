"""What a pack holds, what it hides, and who may ask."""

import csv
import hashlib
import io
import json
import re
import zipfile

import pypdf
import pytest
from django.utils import timezone

import stories
from fairdue.contact.rulebook.models import RuleVersion
from fairdue.contact.rulebook.services import deciding, drafting
from fairdue.evidence import chain, services
from fairdue.evidence.models import Pack
from fairdue.evidence.scope import Scope, ScopeError
from fairdue.flows import contact as contacts
from fairdue.journal.models import Entry
from fairdue.law import packs as rulebook
from fairdue.staff.models import Role

from .conftest import NOON, SECRET


def opened(pack):
    return zipfile.ZipFile(pack.path)


def table(pack, name):
    with opened(pack) as whole:
        return list(csv.DictReader(io.StringIO(whole.read(f"csv/{name}.csv").decode("utf-8-sig"))))


def objects(pack, name):
    with opened(pack) as whole:
        return [json.loads(line) for line in whole.read(f"json/{name}.jsonl").decode().splitlines()]


def paper(pack):
    with opened(pack) as whole:
        pages = pypdf.PdfReader(io.BytesIO(whole.read("report.pdf"))).pages
        return [page.extract_text() for page in pages]


def test_a_person_s_pack_holds_their_file_and_nobody_else_s(kept):
    """One call, two verdicts (one refused), one payment, one promise, one hold, one wish, rights printed, one reveal."""
    assert kept.status == Pack.Status.DONE
    expected = {
        "persons": 1, "contact_points": 1, "accounts": 1, "contacts": 1, "outcomes": 1, "verdicts": 2, "messages": 0,
        "payments": 1, "promises": 1, "holds": 1, "wishes": 1, "consents": 0, "explained": 1, "notes": 0, "recordings": 0,
    }  # fmt: skip
    assert {name: kept.rows[name] for name in expected} == expected
    (call,) = objects(kept, "contacts")
    assert (call["happened_at"], call["channel"], call["outcome"], call["by"]) == (
        "2026-03-03T04:00:00Z", "call", "promise", "chen",
    )  # fmt: skip
    refused = next(v for v in objects(kept, "verdicts") if v["decision"] == "deny")
    assert "cn.quiet-hours" in json.loads(refused["rules"])
    with opened(kept) as whole:
        text = b"".join(whole.read(name) for name in whole.namelist() if name.endswith((".csv", ".jsonl"))).decode()
    assert "李外人" not in text
    assert "ZZ-9" not in text


def test_csv_and_json_say_the_same(kept):
    for name in ("contacts", "verdicts", "payments", "looks"):
        assert [{k: "" if v is None else str(v) for k, v in row.items()} for row in objects(kept, name)] == table(
            kept, name
        )


def test_personal_data_is_masked_unless_asked_for_in_full(kept):
    (call,) = table(kept, "contacts")
    assert (call["debtor"], call["contact_point"], call["note"]) == ("王**", "+86138****5678", "")
    assert table(kept, "outcomes")[0]["note"] == "(withheld)"
    assert table(kept, "payments")[0]["payer"] == "王**"
    assert table(kept, "persons")[0]["id_number"] == "310115********0032"
    with opened(kept) as whole:
        everything = b"".join(whole.read(name) for name in whole.namelist()).decode("utf-8", errors="replace")
    for secret in ("王小明", "13812345678", "310115198905170032", SECRET):
        assert secret not in everything
        assert secret not in "".join(paper(kept))


def test_in_full_it_needs_a_reason_and_shows_everything(file):
    with pytest.raises(ScopeError, match="at least 10 characters"):
        services.ask(scope=Scope(file.debtor.pk), by=file.officer, full=True, reason="太短")
    pack = services.ask(
        scope=Scope(file.debtor.pk), by=file.officer, full=True, reason="监管机构来函编号 2026-117 要求", queue=False
    )
    pack = services.make(pack=pack)
    (call,) = table(pack, "contacts")
    assert (call["debtor"], call["contact_point"]) == ("王小明", "+8613812345678")
    assert table(pack, "persons")[0]["id_number"] == "310115198905170032"
    assert table(pack, "holds")[0]["reason"] == SECRET
    asked = Entry.objects.get(verb="evidence.asked")
    assert asked.data["full"] is True
    assert "2026-117" in asked.data["reason"]


def test_who_looked_and_the_pack_itself_are_told(kept):
    """A reveal on the case page, the number handed over for a call, and that the pack was asked for."""
    looks = [(row["by"], row["what"]) for row in table(kept, "looks")]
    assert looks == [*[("chen", "contact_point.revealed")] * 2, ("shen", "evidence.asked")]


def test_no_recordings_is_said_with_its_reason(kept):
    assert table(kept, "recordings") == []
    with opened(kept) as whole:
        assert "dialled by hand" in whole.read("recordings.txt").decode()
    assert "没有录音" in "".join(paper(kept)).replace("\n", "")


def test_the_rules_that_judged_are_in_the_pack_word_for_word(kept):
    loaded = {pack.file: pack for pack in rulebook.everything()}
    with opened(kept) as whole:
        manifest = json.loads(whole.read("manifest.json"))
        hashes = {one["name"]: one["sha256"] for one in manifest["files"]}
        for file, pack in loaded.items():
            assert hashes[f"rules/{file}"] == pack.hash
    named = {told["hash"] for verdict in objects(kept, "verdicts") for told in json.loads(verdict["packs"]).values()}
    assert named <= {pack.hash for pack in loaded.values()}
    rule = next(r for r in objects(kept, "rules") if r["rule"] == "cn.quiet-hours")
    assert "45251" in rule["cites"]["zh"]


def test_a_version_of_the_firm_s_own_is_in_the_pack_beside_the_shipped_one(file):
    """Approved for today: each text that judged or binds stands there, under its own hash."""
    house, now, luo = next(p for p in rulebook.written() if p.id == "house"), timezone.now(), stories.user(Role.LEGAL)
    shipped = RuleVersion.objects.get(pack="house").text
    text = f"# read again by counsel\n{shipped}".replace(house.version, "2026-12-01.2", 1)
    version = drafting.draft(pack="house", by=file.officer, now=now, text=text)
    drafting.submit(version=version, by=file.officer, force_from=timezone.localdate(now), reason="read again", now=now)
    deciding.approve(version=version, by=luo, now=now)
    pack = services.make(pack=services.ask(scope=Scope(file.debtor.pk), by=file.officer, queue=False))
    with opened(pack) as whole:
        binds = hashlib.sha256(whole.read(f"rules/{house.file}")).hexdigest()
        before = hashlib.sha256(whole.read(f"rules/earlier/{house.hash[:12]}/{house.file}")).hexdigest()
    version.refresh_from_db()
    assert (binds, before) == (version.kept_id, house.hash)
    assert {rule["hash"] for rule in objects(pack, "rules") if rule["rule"] == "house.emails-a-day"} == {binds, before}


def test_the_paper_tells_it_in_chinese_with_a_watermark_on_every_page(kept):
    pages = paper(kept)
    text = "".join(pages)
    for said in (f"证据包第 {kept.pk} 号", "监管检查", "cn.quiet-hours", "22:00 至次日 08:00", "+86138****5678"):
        assert said in text
    assert all(re.search(r"shen \d{4}-\d\d-\d\d \d\d:\d\d", page) for page in pages)


def test_the_paper_tells_it_in_english(file):
    pack = services.make(pack=services.ask(scope=Scope(file.debtor.pk), by=file.officer, language="en", queue=False))
    text = "".join(paper(pack))
    for said in (f"Evidence pack no. {pack.pk}", "Who looked at the data", "Promise to pay", "CNY"):
        assert said in text


def test_a_period_takes_what_happened_in_it(file):
    """3 March in Shanghai: the calls of that day of both creditors; with the creditor only those of 华远; the payment
    of the 4th is not in it, the hold that began on the 5th neither."""
    day = {"since": stories.utc("2026-03-03T00:00+08:00"), "until": stories.utc("2026-03-04T00:00+08:00")}
    everybody = services.make(pack=services.ask(scope=Scope(**day), by=None, queue=False))
    assert {row["creditor"] for row in table(everybody, "contacts")} == {"hy", "zz"}
    one = services.make(pack=services.ask(scope=Scope(creditor_id=file.bank.pk, **day), by=None, queue=False))
    assert {row["creditor"] for row in table(one, "contacts")} == {"hy"}
    assert (one.rows["payments"], one.rows["holds"], one.rows["promises"], one.rows["persons"]) == (0, 0, 1, 1)


def test_a_day_of_payments_is_that_of_the_firm_s_clock(file):
    day = {"since": stories.utc("2026-03-04T00:00+08:00"), "until": stories.utc("2026-03-05T00:00+08:00")}
    pack = services.make(pack=services.ask(scope=Scope(creditor_id=file.bank.pk, **day), by=None, queue=False))
    assert pack.rows["payments"] == 1


@pytest.mark.parametrize(
    "wrong",
    [{}, {"creditor_id": 1}, {"since": NOON}, {"since": NOON, "until": NOON}, {"until": NOON, "creditor_id": 1}],
)
def test_a_pack_is_about_a_person_or_a_period(wrong):
    with pytest.raises(ScopeError):
        Scope(**wrong)


def test_entries_about_others_stand_in_the_chain_by_their_digest_alone(kept):
    """Then the entry about 李外人, which lies between, keeps the chain and tells nothing of its detail."""
    with opened(kept) as whole:
        lines = [json.loads(line) for line in whole.read("journal.jsonl").splitlines()]
    strangers = [line for line in lines if line["person_id"] == kept.stranger_id]
    assert strangers
    assert all("detail" not in line and line["detail_digest"] for line in strangers)
    assert any("detail" in line for line in lines if line["person_id"] == kept.debtor_id)


def test_a_long_journal_is_cut_into_islands(file, monkeypatch):
    monkeypatch.setattr(chain, "CHAIN_MOST", 3)
    pack = services.make(pack=services.ask(scope=Scope(file.debtor.pk), by=file.officer, queue=False))
    with opened(pack) as whole:
        told = json.loads(whole.read("manifest.json"))["journal"]
        lines = [json.loads(line) for line in whole.read("journal.jsonl").splitlines()]
    assert told["whole"] is False
    assert told["entries"] == len(lines) < told["last"] - told["first"] + 1


def test_many_rows_need_no_more_queries(file, django_assert_max_num_queries):
    """Twenty more calls, the same number of queries."""
    from fairdue.contact.models import Attempt

    Attempt.objects.bulk_create(
        Attempt(
            happened_at=NOON, creditor=file.bank, person=file.debtor, addressee=file.debtor, channel=1, result=2,
            contact_point=file.phone,
        )
        for _ in range(20)
    )  # fmt: skip
    pack = services.ask(scope=Scope(file.debtor.pk), by=file.officer, queue=False)
    with django_assert_max_num_queries(45):
        services.make(pack=pack)
    assert Pack.objects.get().rows["contacts"] == 21


def test_what_fails_is_told_and_can_be_tried_again(file, monkeypatch):
    pack = services.ask(scope=Scope(file.debtor.pk), by=file.officer, queue=False)
    monkeypatch.setattr(services, "report", lambda *_a, **_k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        services.make(pack=pack)
    pack.refresh_from_db()
    assert (pack.status, pack.problem) == ("failed", "ZeroDivisionError: division by zero")
    monkeypatch.undo()
    assert services.again(pack=pack, by=file.officer)
    pack.refresh_from_db()
    assert services.make(pack=pack).status == Pack.Status.DONE


def test_a_formula_in_somebody_s_words_stays_words(file):
    contacts.place_hold(person=file.debtor, kind="dispute", reason="=HYPERLINK(1)", by=file.chen, now=NOON)
    pack = services.ask(
        scope=Scope(file.debtor.pk), by=file.officer, full=True, reason="监管机构来函编号 2026-117 要求", queue=False
    )
    pack = services.make(pack=pack)
    assert "'=HYPERLINK(1)" in [row["reason"] for row in table(pack, "holds")]
    assert "=HYPERLINK(1)" in [row["reason"] for row in objects(pack, "holds")]
