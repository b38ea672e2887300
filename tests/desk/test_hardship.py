"""The hardship worklist, the panel of a case, reviews, approvals, evidence, care: who sees and does what."""

import hashlib
import json
import re
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
import scene as scenes
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

import stories
from fairdue.accounts.models import CreditorStaff
from fairdue.cases.models import Hold
from fairdue.flows import hardship as flow
from fairdue.hardship import services as hardship
from fairdue.hardship.models import Approval, Care, Effect, Evidence, File
from fairdue.journal.models import Entry
from fairdue.law.schemes import everything
from fairdue.people import sealing
from fairdue.people.models import Wish
from fairdue.staff.models import Role

sys.path.insert(0, str(Path(__file__).parents[1] / "hardship"))

pytestmark = pytest.mark.django_db
TODAY = scenes.DAY
PDF = b"%PDF-1.4\nsick note"


def post(client, path, data=None, **other):
    return client.post(path, data or {}, headers={"HX-Request": "true"}, **other)


def form(case, **data):
    days = {"from": str(TODAY), "to": str(TODAY + timedelta(29))}
    dated = {f"{kind}_{end}": day for kind in ("grace", "quiet", "interest", "late") for end, day in days.items()}
    said = {"key": "k1", "reason": "job_loss", "review_on": "2026-04-02", "scheme": "", "scheme_was": ""}
    return said | dated | data


def open_one(client, case, **data):
    return post(client, f"/case/{case.pk}/hardship/open/", form(case, **data))


@pytest.fixture
def lead(scene, signed_in):
    return signed_in(scene.lead)


# ---- the panel


def test_a_file_is_opened_in_one_form(scene, desk):
    panel = desk.get(f"/case/{scene.case.pk}/hardship/").content.decode()
    assert "you alone: 31 days" in panel
    answer = open_one(desk, scene.case, quiet="on", late="on", words="lost his job on Friday")
    assert answer.status_code == 204
    assert answer["HX-Redirect"].endswith("?hardship=1")
    file = File.objects.get()
    accounts = scene.case.person.accounts.filter(status="open").count()
    assert sorted(file.effects.values_list("kind", flat=True)) == ["late"] * accounts + ["quiet"]
    assert (file.opened_by, file.review_on) == (scene.collector, date(2026, 4, 2))
    assert b"lost his job" not in bytes(file.words)
    page = desk.get(f"/case/{scene.case.pk}/hardship/").content.decode()
    assert "Loss of the job" in page
    assert "lost his job" not in page
    said = post(desk, f"/hardship/{file.pk}/words/").content.decode()
    assert "lost his job on Friday" in said
    assert Entry.objects.filter(verb="hardship.words_seen", actor_id=scene.collector.pk).count() == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"reason": ""}, "Choose the reason"),
        ({"review_on": "2026-03-03"}, "The review lies after today"),
        ({"review_on": "2026-09-01"}, "on 2026-06-03 at the latest"),
        ({"since": "2026-03-04"}, "cannot have begun after today"),
        ({"quiet": "on", "quiet_to": "2026-03-01"}, "lies before today"),
        ({"quiet": "on", "quiet_from": "2026-01-01"}, "at most 31 days ago"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_written(scene, desk, data, words):
    answer = open_one(desk, scene.case, **data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not File.objects.exists()


def test_beyond_ones_authority_it_waits_and_somebody_else_says_yes(scene, desk, lead):
    """Given a collector's 31 days; 60 asked; then 31 run at once and the rest waits until the lead approves."""
    open_one(desk, scene.case, quiet="on", quiet_to=str(TODAY + timedelta(59)), why="operation in April")
    effect = Effect.objects.get()
    assert (effect.status, effect.ends_on, effect.asked_until) == (
        "running", TODAY + timedelta(30), TODAY + timedelta(59),
    )  # fmt: skip
    assert Hold.objects.get().ends_on == TODAY + timedelta(30)
    assert "waits for approval" in desk.get(f"/case/{scene.case.pk}/hardship/").content.decode()
    inbox = lead.get("/approvals/").content.decode()
    assert "operation in April" in inbox
    asked = Approval.objects.get()
    lead.post(f"/hardship/approvals/{asked.pk}/", {"answer": "give"})
    effect.refresh_from_db()
    assert (effect.status, effect.asked_until) == ("running", None)
    assert Hold.objects.get(lifted_at=None).ends_on == TODAY + timedelta(59)
    lead.post(f"/hardship/approvals/{asked.pk}/", {"answer": "refuse"})
    effect.refresh_from_db()
    assert effect.status == "running"


def test_nobody_approves_their_own_question_nor_beyond_their_limit(scene, lead, signed_in):
    open_one(lead, scene.case, quiet="on", quiet_to=str(TODAY + timedelta(120)))
    asked = Approval.objects.get()
    lead.post(f"/hardship/approvals/{asked.pk}/", {"answer": "give"})
    colleague = signed_in(stories.user("lead", team=scene.lead.team))
    colleague.post(f"/hardship/approvals/{asked.pk}/", {"answer": "give"})
    asked.refresh_from_db()
    assert asked.answer == "waiting"
    signed_in(stories.user("risk")).post(f"/hardship/approvals/{asked.pk}/", {"answer": "give"})
    asked.refresh_from_db()
    assert asked.answer == "given"


def of_country(scene, country, region):
    scene.case.creditor.jurisdiction = country
    scene.case.creditor.save()
    scene.debtor.region = region
    scene.debtor.save()


def test_a_scheme_fills_in_effects_and_end_and_is_cited(scene, desk):
    of_country(scene, "gb", "GB-ENG")
    page = desk.get(f"/case/{scene.case.pk}/hardship/", form(scene.case, scheme="gb.breathing-space")).content.decode()
    assert "Scottish statutory moratorium" not in page
    assert "is not known closely enough" not in page
    assert "SI 2020/1311" in page
    assert "2026-05-01" in page or "1 May 2026" in page
    open_one(desk, scene.case, scheme="gb.breathing-space", scheme_was="gb.breathing-space")
    assert {e.ends_on for e in Effect.objects.all()} == {date(2026, 5, 1)}
    assert Hold.objects.get().kind == "moratorium"


def test_a_scheme_of_another_country_is_not_taken(scene, desk):
    answer = open_one(desk, scene.case, scheme="gb.breathing-space", scheme_was="gb.breathing-space")
    assert "no scheme of the creditor&#x27;s country" in answer.content.decode()
    assert not File.objects.exists()


def test_a_scheme_of_another_place_is_not_offered_and_refused(scene, desk):
    of_country(scene, "gb", "GB-ENG")
    named = {"scheme": "gb.scottish-moratorium", "scheme_was": "gb.scottish-moratorium"}
    page = desk.get(f"/case/{scene.case.pk}/hardship/", form(scene.case, **named)).content.decode()
    assert "The borrower lives in GB-ENG on record" in page
    assert 'value="gb.scottish-moratorium" selected' not in page
    answer = open_one(desk, scene.case, **named)
    assert (answer.status_code, File.objects.count()) == (422, 0)


def test_where_the_place_is_not_known_it_says_so(scene, desk):
    of_country(scene, "gb", "")
    page = desk.get(f"/case/{scene.case.pk}/hardship/", form(scene.case, scheme="gb.scottish-moratorium"))
    assert "is not known closely enough" in page.content.decode()
    assert open_one(desk, scene.case, scheme="gb.scottish-moratorium").status_code == 204


def test_a_scheme_that_names_reasons_leaves_those_to_choose(scene, desk):
    of_country(scene, "us", "US-CA")
    page = desk.get(f"/case/{scene.case.pk}/hardship/", form(scene.case, scheme="us.servicemembers")).content.decode()
    assert re.findall(r'name="reason" value="(\w+)"( checked)?', page) == [("military", " checked")]
    answer = open_one(desk, scene.case, scheme="us.servicemembers", reason="illness")
    assert "for the reason Military service alone" in answer.content.decode()


def test_while_a_statute_runs_without_evidence_file_and_list_say_so(scene, desk):
    """It begins at once, for the borrower's sake; a note that something was seen is no evidence kept."""
    of_country(scene, "gb", "GB-ENG")
    open_one(desk, scene.case, scheme="gb.breathing-space", scheme_was="gb.breathing-space")
    file = File.objects.get()
    assert Hold.objects.filter(kind="moratorium", lifted_at=None).exists()

    def missing():
        panel = desk.get(f"/case/{scene.case.pk}/hardship/").content.decode()
        rows = desk.get("/hardship/?show=unproven").content.decode()
        return "Seal the notice" in panel, scene.case.person.name in rows

    assert missing() == (True, True)
    attach(desk, file, kept="seen")
    assert missing() == (True, True)
    attach(desk, file)
    assert missing() == (False, False)


def test_what_no_statute_grants_asks_for_no_evidence(scene, desk, file):
    assert "evidence missing" not in desk.get(f"/case/{scene.case.pk}/hardship/").content.decode()
    assert scene.case.person.name not in desk.get("/hardship/?show=unproven").content.decode()


def test_a_second_breathing_space_within_twelve_months_is_told(scene, desk, lead, at):
    of_country(scene, "gb", "GB-ENG")
    name = "gb.breathing-space"
    open_one(desk, scene.case, scheme=name, scheme_was=name)
    file = File.objects.get()
    assert "nothing is charged for its days" in lead.get(f"/hardship/{file.pk}/review/").content.decode()
    review(lead, file, decision="end")
    panel = f"/case/{scene.case.pk}/hardship/"
    at(scenes.MORNING + timedelta(100))
    page = desk.get(panel, form(scene.case, scheme=name)).content.decode()
    assert "the law gives one in 12 months" in page
    at(scenes.MORNING + timedelta(366))
    assert "the law gives one in" not in desk.get(panel, form(scene.case, scheme=name)).content.decode()


def test_a_review_says_how_long_the_law_gives_and_adds_ones_own(scene, desk, lead):
    of_country(scene, "gb", "GB-ENG")
    open_one(desk, scene.case, scheme="gb.breathing-space", scheme_was="gb.breathing-space")
    file = File.objects.get()
    effect = file.effects.get(kind="quiet")
    page = lead.get(f"/hardship/{file.pk}/review/").content.decode()
    assert f'name="until_{effect.pk}" min="2026-03-03" max="2026-05-01"' in page
    answer = review(lead, file, decision="change", **{f"until_{effect.pk}": "2026-06-30"})
    assert "By law it ends on 2026-05-01" in lead.get(answer["Location"]).content.decode()
    review(lead, file, decision="change", quiet="on", quiet_to="2026-05-20")
    assert "our own judgement" in lead.get(f"/case/{scene.case.pk}/hardship/").content.decode()
    assert Hold.objects.get(kind="hardship").ends_on == date(2026, 5, 20)


def test_the_day_of_a_treatment_is_noted_and_put_right(scene, desk, lead, at):
    of_country(scene, "gb", "GB-WLS")
    name = "gb.mental-health-crisis"
    open_one(desk, scene.case, scheme=name, scheme_was=name)
    file = File.objects.get()
    answer = desk.post(f"/hardship/{file.pk}/event/", {"on": "2020-01-01"})
    assert "The day lies between 2026-03-03" in desk.get(answer["Location"]).content.decode()
    desk.post(f"/hardship/{file.pk}/event/", {"on": str(TODAY)})
    panel = f"/case/{scene.case.pk}/hardship/"
    assert "The day is wrong" not in desk.get(panel).content.decode()
    assert desk.post(f"/hardship/{file.pk}/event/correct/", {"why": "typo"}).status_code == 403
    assert "The day is wrong" in lead.get(panel).content.decode()
    lead.post(f"/hardship/{file.pk}/event/correct/", {"on": "soon", "why": "typo"})
    assert File.objects.get().event_on == TODAY
    lead.post(f"/hardship/{file.pk}/event/correct/", {"on": "", "why": "typo"})
    assert set(file.effects.values_list("ends_on", flat=True)) == {None}
    assert "Note it; the end follows" in desk.get(panel).content.decode()


def test_every_note_of_a_scheme_is_in_the_language_of_the_page(scene, desk):
    scene.collector.language = "zh-hans"
    scene.collector.save()
    page = desk.get("/rules/schemes/").content.decode()
    for scheme in everything().values():
        if "note" in scheme.law:
            assert scheme.law["note"]["en"] not in page
            assert scheme.law["note"]["zh"] in page


def test_the_outcome_leads_to_the_file(scene, desk):
    post(desk, f"/case/{scene.case.pk}/call/{scene.debtor.contact_points.first().pk}/", {"key": "1"})
    from fairdue.contact.models import Attempt

    call = Attempt.objects.filter(by=scene.collector).latest("pk")
    page = post(desk, f"/case/{scene.case.pk}/outcome/{call.pk}/", {"kind": "hardship", "reason": "ill", "note": ""})
    assert "Open the hardship file" in page.content.decode()
    assert File.objects.get().status == "asked"
    open_one(desk, scene.case, quiet="on")
    assert File.objects.get().attempt_id == call.pk


def test_what_became_of_a_file_stands_in_the_timeline_but_never_why(scene, desk, lead, at):
    """Opened, asked for, approved, reviewed, its last day, ended: by whom; the reason and their words are not there."""
    open_one(desk, scene.case, quiet="on", quiet_to=str(TODAY + timedelta(40)), words="zq7", reason="separation")
    file = File.objects.get()
    at(scenes.MORNING + timedelta(hours=1))
    lead.post(f"/hardship/approvals/{Approval.objects.get().pk}/", {"answer": "give"})
    later = scenes.MORNING + timedelta(41)
    at(later)
    flow.nightly(day=later.date(), now=later)
    review(lead, file, decision="end", reason="zq8")
    page = desk.get(f"/case/{scene.case.pk}/").content.decode()
    events = re.findall(r'data-kind="hardship">.*?</li>', page, re.DOTALL)
    titles = [re.search(r'event-title">([^<]*)', event)[1] for event in events]
    assert titles == [
        "Hardship reviewed: Ended", "Hardship: the last day of what was granted", "Hardship: approved",
        "Hardship: approval asked for", "Hardship file opened",
    ]  # fmt: skip
    assert not re.search("zq7|zq8|Separation", "".join(events))
    assert scene.lead.display_name in events[0]


# ---- the worklist


def review(client, file, **data):
    return client.post(
        f"/hardship/{file.pk}/review/", {"decision": "keep", "again_on": "2026-04-10", "reason": "still ill"} | data
    )


@pytest.fixture
def file(scene, desk):
    open_one(desk, scene.case, quiet="on", quiet_to=str(TODAY + timedelta(4)), review_on="2026-03-05")
    return File.objects.get()


def test_reviews_and_ends_come_back_by_themselves(scene, desk, file, at):
    def shown(what):
        return scene.case.person.name in desk.get(f"/hardship/?show={what}").content.decode()

    assert [shown(what) for what in ("soon", "ending", "due", "overdue")] == [True, True, False, False]
    assert "Hardship: a look is due" not in desk.get("/today/").content.decode()
    at(scenes.MORNING + timedelta(2))
    assert [shown(what) for what in ("due", "overdue")] == [True, False]
    assert "Hardship: a look is due" in desk.get("/today/").content.decode()
    at(scenes.MORNING + timedelta(3))
    assert [shown(what) for what in ("due", "overdue")] == [False, True]


def test_when_all_is_over_the_file_comes_back_until_somebody_looks(scene, desk, at):
    open_one(desk, scene.case, quiet="on", quiet_to=str(TODAY + timedelta(4)), review_on="2026-04-02")
    file = File.objects.get()

    def comes_back():
        listed = scene.case.person.name in desk.get("/hardship/?show=over").content.decode()
        return listed, "Hardship: a look is due" in desk.get("/today/").content.decode()

    at(scenes.MORNING + timedelta(4))
    flow.nightly(day=TODAY + timedelta(4), now=scenes.MORNING + timedelta(4))
    assert comes_back() == (False, False)
    later = scenes.MORNING + timedelta(5)
    at(later)
    flow.nightly(day=later.date(), now=later)
    assert comes_back() == (True, True)
    review(desk, file)
    assert comes_back() == (False, False)


def test_a_review_keeps_prolongs_and_ends(scene, desk, lead, file, at):
    at(scenes.MORNING + timedelta(2))
    review(desk, file)
    file.refresh_from_db()
    assert (file.status, file.review_on) == ("reviewed", date(2026, 4, 10))
    effect = file.effects.get()
    review(desk, file, decision="change", **{f"until_{effect.pk}": "2026-03-31"})
    assert Hold.objects.get().ends_on == date(2026, 3, 31)
    review(desk, file, decision="change", **{f"until_{effect.pk}": "2026-05-30"})
    effect.refresh_from_db()
    assert (effect.ends_on, effect.asked_until) == (date(2026, 3, 31), date(2026, 5, 30))
    review(desk, file, decision="change", **{f"until_{effect.pk}": "2026-03-10"})
    review(desk, file, decision="end")
    file.refresh_from_db()
    assert file.status == "reviewed"  # a collector neither ends it nor makes it shorter
    assert Hold.objects.get().ends_on == date(2026, 3, 31)
    review(lead, file, decision="end", reason="back at work")
    file.refresh_from_db()
    assert (file.status, file.ended_by, Hold.objects.get().lifted_by) == ("ended", scene.lead, scene.lead)
    assert not Approval.objects.filter(answer="waiting").exists()


def test_moved_to_a_plan_the_plan_opens(desk, file):
    answer = review(desk, file, decision="plan")
    assert answer["Location"].endswith("?plan=1")
    assert 'hx-trigger="click, load"' in desk.get(answer["Location"]).content.decode()


def test_a_colleagues_file_is_not_there(scene, signed_in, file):
    stranger = signed_in(scene.colleague)
    for path in ("review", "event", "words", "evidence"):
        assert stranger.post(f"/hardship/{file.pk}/{path}/").status_code == 404
    assert scene.case.person.name not in stranger.get("/hardship/").content.decode()


def test_the_worklist_takes_the_same_queries_for_any_length(scene, desk, lead, file, django_assert_max_num_queries):
    def ask():
        with django_assert_max_num_queries(13):
            assert lead.get("/hardship/").status_code == 200

    ask()
    for _ in range(8):
        person = stories.person()
        case = stories.case(person, scene.case.creditor, owner=scene.collector)
        stories.account(person, scene.case.creditor, dues={date(2026, 2, 1): 50_000})
        open_one(desk, case, key=f"k{case.pk}", quiet="on", late="on")
    ask()


# ---- evidence


def attach(client, file, content=PDF, name="note.pdf", **data):
    upload = SimpleUploadedFile(name, content, content_type="text/html")
    return client.post(f"/hardship/{file.pk}/evidence/", {"kind": "medical", "kept": "kept", "document": upload} | data)


def test_a_document_is_sealed_and_each_opening_is_on_record(scene, desk, lead, file):
    attach(desk, file)
    attach(desk, file)
    held = Evidence.objects.get()
    assert (held.media, held.size, bytes(held.sha256)) == ("application/pdf", len(PDF), hashlib.sha256(PDF).digest())
    assert PDF not in bytes(held.content)
    assert sealing.unseal_bytes(held.content) == PDF
    assert desk.post(f"/hardship/{file.pk}/evidence/{held.pk}/").status_code == 403
    answer = lead.post(f"/hardship/{file.pk}/evidence/{held.pk}/")
    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    assert Entry.objects.filter(verb="evidence.opened", actor_id=scene.lead.pk).count() == 1


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"<html><script>1</script>", "a.pdf"), (b"", "a.pdf"), (b"MZ\x90", "a.png"), (b"%PDF-" + b"x" * 5_000_000, "big.pdf")],
    ids=["html", "empty", "program", "too large"],
)  # fmt: skip
def test_what_is_no_document_is_not_kept(desk, file, content, name):
    attach(desk, file, content, name)
    assert not Evidence.objects.exists()


def test_seen_and_not_kept_is_a_note(desk, lead, file):
    attach(desk, file, kept="seen")
    held = Evidence.objects.get()
    assert (held.content, held.size) == (None, 0)
    assert lead.post(f"/hardship/{file.pk}/evidence/{held.pk}/").status_code == 302


def test_a_new_key_seals_everything_anew(desk, file, settings):
    open_words = File.objects.filter(pk=file.pk)
    open_words.update(words=sealing.seal("words"))
    attach(desk, file)
    settings.SEAL_KEYS = [b"n" * 32, *settings.SEAL_KEYS]
    assert hardship.rotate() == 2
    assert hardship.rotate() == 0
    settings.SEAL_KEYS = settings.SEAL_KEYS[:1]
    assert sealing.unseal(open_words.get().words) == "words"


# ---- care

SECRET = "zq7-psychosis-clinic"
CARE = {
    "kinds": ["mental"], "notes": SECRET, "do": ["slow", "no_visits"], "basis": "consent", "consent_on": "2026-03-02",
    "review_on": "2026-09-01",
}  # fmt: skip


def test_care_says_what_to_do_and_not_why(scene, desk, signed_in):
    assert post(desk, f"/case/{scene.case.pk}/care/note/", CARE).status_code == 204
    care = Care.objects.get()
    assert json.loads(sealing.unseal(care.secret)) == {"kinds": ["mental"], "notes": SECRET}
    page = desk.get(f"/case/{scene.case.pk}/").content.decode()
    assert "Treat with care" in page
    assert "Speak slowly and plainly" in page
    assert "Mental health" not in page
    assert post(desk, f"/case/{scene.case.pk}/care/look/").status_code == 403
    officer = signed_in(stories.user("compliance"))
    seen = post(officer, f"/case/{scene.case.pk}/care/look/").content.decode()
    assert SECRET in seen
    assert "Mental health" in seen
    assert Entry.objects.filter(verb="care.seen").count() == 1


def test_what_is_to_be_done_becomes_wishes_the_gate_obeys(scene, desk, signed_in):
    kept = Wish.objects.count()
    post(desk, f"/case/{scene.case.pk}/care/note/", CARE | {"do": ["no_calls", "no_visits"]})
    assert Wish.objects.filter(withdrawn_at=None).count() == kept + 3
    from fairdue.contact import services as door

    point = scene.debtor.contact_points.filter(kind="phone").first()
    answer = door.ask(
        case=scene.case, contact_point=point, channel=stories.CALL, by=scene.collector, now=scenes.MORNING, key="1"
    )
    assert "house.opted-out" in {reason.rule for reason in answer.reasons}
    signed_in(stories.user("compliance")).post(f"/case/{scene.case.pk}/care/end/")
    assert Wish.objects.filter(withdrawn_at=None).count() == kept
    assert not Care.objects.filter(ended_at=None).exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"kinds": []}, "what it is about"),
        ({"do": []}, "what is to be done"),
        ({"consent_on": ""}, "the day of their consent"),
        ({"basis": "because"}, "on what ground"),
    ],
)
def test_care_without_a_ground_is_not_kept(scene, desk, data, words):
    answer = post(desk, f"/case/{scene.case.pk}/care/note/", CARE | data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Care.objects.exists()


def routes(resolver=None, prefix=""):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield "/" + prefix + str(entry.pattern)


@pytest.mark.parametrize("role", Role.values)
def test_the_reason_is_on_nobody_elses_page(scene, desk, file, role):
    """Every page that a role opens about the case, and every download: the reason is never there, sealed or not."""
    post(desk, f"/case/{scene.case.pk}/care/note/", CARE)
    person = {"collector": scene.collector, "lead": scene.lead}.get(role) or stories.user(role, team=scene.lead.team)
    if role == "creditor":
        CreditorStaff.objects.create(user=person, creditor=scene.case.creditor)
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    ids = {"case": scene.case.pk, "case_id": scene.case.pk, "pk": scene.case.pk, "person_id": scene.debtor.pk, "person": scene.debtor.pk,
           "file_id": file.pk, "account_id": scene.debtor.accounts.first().pk, "user_id": scene.collector.pk}  # fmt: skip
    walked = 0
    for route in routes():
        path = re.sub(r"<(?:(\w+):)?(\w+)>", lambda m: str(ids.get(m[2], 1 if m[1] == "int" else "x")), route)
        if "^" in path or "sign-out" in path:
            continue
        answer = client.get(path)
        body = b"".join(answer) if answer.streaming else answer.content
        walked += answer.status_code == 200
        assert SECRET.encode() not in body, path
        # The form that notes it lists every kind there is; no other page names one.
        assert path.endswith("/care/") or (b"Mental health" not in body and "心理健康".encode() not in body), path
    assert walked > 3
    assert not Entry.objects.filter(detail__contains=SECRET).exists()
    assert not Entry.objects.filter(detail__contains="mental").exists()


def test_a_yes_that_comes_too_late_is_refused(scene, desk, lead, at):
    open_one(desk, scene.case, quiet="on", quiet_to=str(TODAY + timedelta(40)))
    asked = Approval.objects.get()
    at(scenes.MORNING + timedelta(41))
    lead.post(f"/hardship/approvals/{asked.pk}/", {"answer": "give"})
    asked.refresh_from_db()
    assert asked.answer == "waiting"
    lead.post(f"/hardship/approvals/{asked.pk}/", {"answer": "refuse"})
    effect = Effect.objects.get()
    assert (effect.ends_on, effect.asked_until) == (TODAY + timedelta(30), None)
    assert Hold.objects.get().ends_on == TODAY + timedelta(30)


def test_what_ran_out_while_a_longer_end_waited_goes_on_without_a_gap(scene, desk, lead, file, at):
    effect = file.effects.get()
    review(desk, file, decision="change", **{f"until_{effect.pk}": "2026-04-20"})
    later = scenes.MORNING + timedelta(10)
    at(later)
    assert flow.nightly(day=later.date(), now=later)["hardship_over"] == 1
    lead.post(f"/hardship/approvals/{Approval.objects.get().pk}/", {"answer": "give"})
    effect.refresh_from_db()
    assert (effect.status, effect.ends_on) == ("running", date(2026, 4, 20))
    assert Hold.objects.get(lifted_at=None).ends_on == date(2026, 4, 20)


def test_the_debt_says_that_its_dues_are_moved(scene, desk):
    open_one(desk, scene.case, grace="on")
    assert "as moved by grace" in desk.get(f"/case/{scene.case.pk}/").content.decode()
