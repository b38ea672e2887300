"""What happened: entries nobody can change, chained by hashes inside the database.

An entry may be written at any point of a transaction; a deferred trigger links it to the chain at the very end of
that transaction (migration 0002), so that writers wait for each other only while they commit.
"""

import json
from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now


class Entry(models.Model):
    """One thing that was done or seen. `detail` is canonical JSON text without personal data in the clear."""

    at = models.DateTimeField(db_default=Now())
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=80)
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=40, blank=True)
    subject_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)
    detail = models.TextField(default="{}")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person_id", "-id"], name="journal_of_person"),
            models.Index(fields=["subject", "subject_id", "-id"], name="journal_of_subject"),
            models.Index(fields=["verb", "-id"], name="journal_of_verb"),
            models.Index(fields=["actor_id", "-id"], name="journal_of_actor"),
        ]

    @property
    def data(self) -> dict[str, Any]:
        """The detail as a dictionary."""
        value: dict[str, Any] = json.loads(self.detail)
        return value


class Link(models.Model):
    """The chain: the `seq`-th entry, with the hash before it and its own. Written by the database alone."""

    seq = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="link")
    before = models.BinaryField()
    hash = models.BinaryField()


class Head(models.Model):
    """The chain's end; one row (id 1)."""

    seq = models.BigIntegerField()
    hash = models.BinaryField()


class Seal(models.Model):
    """The evening's seal: where the chain stood at the end of a day."""

    day = models.DateField(unique=True)
    seq = models.BigIntegerField()
    hash = models.BinaryField()
    at = models.DateTimeField(db_default=Now())
