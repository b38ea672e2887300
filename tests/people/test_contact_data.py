"""Contact data: kept sealed, found exactly, shown masked, revealed with a trace."""

from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection
from django.test.utils import CaptureQueriesContext

import stories
from fairdue.journal.models import Entry
from fairdue.law import codes
from fairdue.people import queries, sealing, services
from fairdue.people.models import ContactPoint, Person

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def add(person, value, kind="phone", **fields):
    return services.add_contact_point(person=person, kind=kind, value=value, by=stories.user(), now=NOON, **fields)


# ---- adding


@pytest.mark.parametrize("written", ["138 0013 8000", "13800138000", "+86 138-0013-8000", "008613800138000"])
def test_a_phone_is_one_however_it_is_written(written):
    wang = stories.person()
    known = stories.phone(wang)

    assert add(wang, written) == known


def test_what_is_added_is_sealed_masked_and_in_its_zones():
    wang = stories.person(region="CN-65")

    point = add(wang, "13900139000")

    assert (point.masked, point.zones) == ("+86139****9000", "Asia/Shanghai,Asia/Urumqi")
    assert b"13900139000" not in bytes(point.sealed)
    assert sealing.unseal(point.sealed) == "+8613900139000"
    entry = Entry.objects.get(verb="contact_point.added")
    assert "139" not in entry.detail.replace("+86139****9000", "")
    assert (point.source, point.status) == ("told", "unverified")


@pytest.mark.parametrize(
    ("kind", "value", "masked"),
    [
        ("email", "Wang.Wei@Example.com", "w***@example.com"),
        ("address", "上海市浦东新区  世纪大道 1 号", "上海市浦东新****"),
        ("phone", "+1 212 555 0100", "+12125****0100"),
    ],
)
def test_every_kind_has_its_mask(kind, value, masked):
    assert add(stories.person(), value, kind).masked == masked


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("phone", "12345"),
        ("phone", ""),
        ("email", "wang@"),
        ("email", ""),
        ("email", "a\nb@example.com"),
        ("address", " "),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_cure(kind, value):
    with pytest.raises(services.ContactPointError) as caught:
        add(stories.person(), value, kind)
    assert caught.value.zh
    assert str(caught.value)
    assert not ContactPoint.objects.exists()


# ---- finding


def test_search_by_number_is_exact_however_written():
    wang = stories.person()
    stories.phone(wang)
    li = stories.person("李红", id_hash=sealing.search_hash("id", "11010519491231002X"))
    add(li, "Li@example.com", "email")

    assert list(queries.search("138 0013 8000")) == [wang]
    assert list(queries.search("11010519491231002x")) == [li]
    assert list(queries.search("li@EXAMPLE.com")) == [li]
    assert not queries.search("1380013800").exists(), "a part of a number finds nobody"
    assert not queries.search("").exists()


@pytest.mark.parametrize(
    ("words", "found"), [("王小明", True), ("小明", True), ("王小", True), ("王", True), ("李", False), ("wang", False)]
)
def test_search_by_words_of_a_chinese_name(words, found):
    stories.person("王小明")

    assert queries.search(words).exists() is found


@pytest.mark.parametrize(
    ("words", "found"),
    [("smith", True), ("John SMITH", True), ("John", True), ("Smi", False), ("o'x & | ! smith", False)],
)
def test_search_by_words_of_an_english_name(words, found):
    stories.person("John Smith")

    assert queries.search(words).exists() is found


# ---- showing


def test_every_reveal_leaves_a_trace():
    wang, by = stories.person(), stories.user()
    phone = stories.phone(wang)

    for _ in range(2):
        assert services.reveal(contact_point=phone, by=by, reason="address check", case_id=7) == "+8613800138000"

    entries = Entry.objects.filter(verb="contact_point.revealed", person_id=wang.pk, actor_id=by.pk)
    assert [entry.data for entry in entries] == [{"case": 7, "reason": "address check"}] * 2


def test_an_identity_number_is_revealed_or_empty():
    wang = stories.person(id_sealed=sealing.seal("11010519491231002X"))

    assert services.reveal_id(person=wang, by=stories.user(), reason="x") == "11010519491231002X"
    assert services.reveal_id(person=stories.person(), by=stories.user(), reason="x") == ""
    assert Entry.objects.filter(verb="person.id_revealed").count() == 2


# ---- wishes and permissions


def test_an_opt_out_said_twice_is_one_wish():
    wang, by = stories.person(), stories.user()

    first = services.opt_out(person=wang, by=by, now=NOON, channel=codes.Channel.SMS)

    assert services.opt_out(person=wang, by=by, now=NOON, channel=codes.Channel.SMS) == first
    assert services.opt_out(person=wang, by=by, now=NOON) != first


def test_a_wish_is_withdrawn_with_a_reason_and_can_be_made_again():
    wang, by = stories.person(), stories.user("lead")
    wish = services.opt_out(person=wang, by=by, now=NOON)

    with pytest.raises(services.ContactPointError):
        services.withdraw_wish(wish=wish, by=by, now=NOON, why=" ")
    assert services.withdraw_wish(wish=wish, by=by, now=NOON, why="来电撤回").withdrawn_at == NOON
    assert services.opt_out(person=wang, by=by, now=NOON) != wish


def test_times_must_lie_within_a_day():
    wang, by = stories.person(), stories.user()

    wish = services.note_times(person=wang, kind="unwelcome_time", start=720, end=840, by=by, now=NOON)
    assert (wish.start, wish.end, wish.days) == (720, 840, 127)
    for bad in ({"start": 1440, "end": 1}, {"start": 0, "end": 0}, {"start": 0, "end": 60, "days": 0}):
        with pytest.raises(services.ContactPointError):
            services.note_times(person=wang, kind="unwelcome_time", by=by, now=NOON, **bad)


def test_the_whole_of_every_day_is_no_time():
    """An opt-out says that; a window past midnight and whole days of the week are times."""
    wang, by = stories.person(), stories.user()
    for bad in ({"start": 1020, "end": 1020}, {"start": 0, "end": 1440}, {"start": 60, "end": 60, "days": 64}):
        with pytest.raises(services.ContactPointError, match="opt-out"):
            services.note_times(person=wang, kind="unwelcome_time", by=by, now=NOON, **bad)
    for good in ({"start": 1320, "end": 420}, {"start": 0, "end": 1440, "days": 64}):
        services.note_times(person=wang, kind="unwelcome_time", by=by, now=NOON, **good)


def test_a_permission_is_taken_back_once():
    wang, by = stories.person(), stories.user()
    consent = services.allow(person=wang, kind="off_hours", by=by, now=NOON)

    assert services.revoke_consent(consent=consent, by=by, now=NOON, why="来电撤回").revoked_at == NOON
    services.revoke_consent(consent=consent, by=by, now=datetime(2027, 1, 1, tzinfo=UTC), why="再次来电")
    consent.refresh_from_db()
    assert consent.revoked_at == NOON


def test_what_is_known_about_a_point_can_change_but_not_to_nonsense():
    phone = stories.phone(stories.person())

    services.update_contact_point(contact_point=phone, by=stories.user(), now=NOON, rank=2, line="work")
    with pytest.raises(services.ContactPointError, match="No time zone"):
        services.update_contact_point(contact_point=phone, by=stories.user(), now=NOON, zones="Asia/Nowhere")
    phone.refresh_from_db()
    assert (phone.rank, phone.line, phone.zones) == (2, "work", "Asia/Shanghai")


# ---- keys


def test_rotation_seals_everything_anew_and_may_be_repeated(settings):
    old, new = b"o" * 32, b"n" * 32
    settings.SEAL_KEYS = [old]
    wang = stories.person(id_sealed=sealing.seal("11010519491231002X"))
    phones = [stories.phone(wang, f"+861380013{n:04}") for n in range(25)]
    settings.SEAL_KEYS = [new, old]
    seen = []

    assert services.rotate(batch=10, progress=seen.append) == 26
    assert services.rotate() == 0

    assert seen == [10, 20, 25, 26]
    assert list(queries.search("13800130003")) == [wang], "searches still work"
    settings.SEAL_KEYS = [new]
    for n, phone in enumerate(phones):
        phone.refresh_from_db()
        assert sealing.unseal(phone.sealed) == f"+861380013{n:04}"
    assert sealing.unseal(Person.objects.get().id_sealed) == "11010519491231002X"


def test_a_tampered_value_stops_the_rotation_instead_of_being_sealed_again(settings):
    phone = stories.phone(stories.person())
    settings.SEAL_KEYS = [b"n" * 32, *settings.SEAL_KEYS]
    ContactPoint.objects.filter(pk=phone.pk).update(sealed=bytes(phone.sealed)[:-1] + b"x")

    with pytest.raises(InvalidTag):
        services.rotate()


@pytest.mark.parametrize(("text", "most"), [("王小明", 1), ("13800138000", 2), ("a@example.com", 2)])
def test_search_takes_one_query_of_names_and_one_of_exact_forms(text, most):
    stories.phone(stories.person())
    with CaptureQueriesContext(connection) as seen:
        list(queries.search(text))
    assert len(seen) == most
