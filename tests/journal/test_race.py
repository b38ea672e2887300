"""Many writers at once: one chain, no gap, no deadlock."""

import threading

import pytest
from django.db import connection, transaction

import stories
from fairdue.journal import queries, services
from fairdue.people.models import Person

WRITERS, TURNS = 12, 8


@pytest.mark.django_db(transaction=True)
def test_writers_that_lock_people_between_entries_never_deadlock():
    """Given two persons; when 12 threads lock them in turn and write before and between the locks; then 192 entries."""
    people = sorted([stories.person("甲").pk, stories.person("乙").pk])
    faults: list[BaseException] = []

    def work() -> None:
        try:
            for turn in range(TURNS):
                with transaction.atomic():
                    services.write("a.begun", person_id=people[0], turn=turn)
                    for person in people:
                        Person.objects.select_for_update(no_key=True).get(pk=person)
                    services.write("a.ended", person_id=people[1], turn=turn)
        except BaseException as err:
            faults.append(err)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not faults
    report = queries.verify()
    assert (report.entries, report.problems) == (WRITERS * TURNS * 2, [])


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_entry_leaves_no_gap():
    services.write("a.kept")
    with transaction.atomic():
        services.write("a.lost")
        transaction.set_rollback(True)
    services.write("b.kept")

    report = queries.verify()
    assert (report.entries, report.intact) == (2, True)


@pytest.mark.django_db(transaction=True)
def test_a_seal_of_the_day_is_checked():
    services.write("a.kept")
    from datetime import date

    first = services.seal(day=date(2026, 3, 2))
    services.write("b.kept")

    assert services.seal(day=date(2026, 3, 2)) == first
    assert first.seq == 1
    assert queries.verify().intact
