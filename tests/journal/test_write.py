"""The journal: appended, chained, never changed."""

import pytest
from django.db import DatabaseError, connection, transaction

from fairdue.journal import queries, services
from fairdue.journal.models import Entry, Link


@pytest.mark.django_db(transaction=True)
def test_entries_are_chained_in_the_order_of_their_commits():
    services.write("hold.placed", subject="case", subject_id=7, reason="争议")
    services.write("hold.lifted", subject="case", subject_id=7)

    assert list(Link.objects.order_by("seq").values_list("seq", "entry__verb")) == [
        (1, "hold.placed"),
        (2, "hold.lifted"),
    ]
    assert queries.verify().intact


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "sql", ["update journal_entry set actor='x'", "delete from journal_link", "delete from journal_entry"]
)
def test_the_database_refuses_change(sql):
    services.write("person.seen")

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert Entry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        ("update journal_entry set detail='{}' where verb='b'", "entry 2: its content was changed"),
        ("delete from journal_link where seq=2", "entry 2 is missing from the chain"),
        ("update journal_link set hash=decode('00','hex') where seq=3", "entry 3: its hash was changed"),
    ],
)
def test_verify_finds_what_a_database_owner_changed(tamper, found):
    for verb in "abc":
        services.write(verb, n=verb)
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute(tamper)
        cursor.execute("set session_replication_role = default")

    report = queries.verify()

    assert not report.intact
    assert found in report.problems[0]
