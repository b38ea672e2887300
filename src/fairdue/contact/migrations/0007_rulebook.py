"""The rulebook: texts of packs by hash, their versions, replays and trials."""

from importlib import import_module

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

guard = import_module("fairdue.journal.migrations.0002_chain").guard

KEEP = """
create function fairdue_keep_version() returns trigger language plpgsql as $$
declare
    allowed boolean := false;
begin
    if tg_op = 'UPDATE' then
        if old.status = 'draft' then
            allowed := (new.pack, new.number, new.based_on_id) is not distinct from (old.pack, old.number, old.based_on_id);
        elsif old.status = 'submitted' then
            allowed := (new.pack, new.number, new.based_on_id, new.text, new.author_id, new.force_from, new.reason)
                is not distinct from
                (old.pack, old.number, old.based_on_id, old.text, old.author_id, old.force_from, old.reason);
        elsif old.status = 'approved' then
            allowed := new.status = 'withdrawn' and to_jsonb(new) - 'status' = to_jsonb(old) - 'status';
        end if;
    end if;
    if not allowed then
        raise exception 'fairdue: a version of the rules stays as it was submitted; a change is a new version'
            using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger fairdue_keep before update or delete on contact_ruleversion
    for each row execute function fairdue_keep_version();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0002_chain"),
        ("contact", "0006_content"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PackText",
            fields=[
                ("hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("pack", models.CharField(max_length=40)),
                ("version", models.CharField(max_length=40)),
                ("file", models.CharField(max_length=120)),
                ("text", models.TextField()),
                ("learned_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="Replay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[("running", "Running"), ("done", "Done"), ("failed", "Failed")],
                        default="running",
                        max_length=8,
                    ),
                ),
                ("begun_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("after", models.BigIntegerField()),
                ("upto", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("total", models.BigIntegerField()),
                ("judged", models.BigIntegerField(default=0)),
                ("different", models.BigIntegerField(default=0)),
                ("seconds", models.FloatField(default=0)),
                ("error", models.TextField(blank=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReplayDifference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.JSONField()),
                (
                    "replay",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="differences", to="contact.replay"
                    ),
                ),
                (
                    "verdict",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contact.verdict"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RuleVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pack", models.CharField(max_length=40)),
                ("number", models.PositiveIntegerField()),
                ("file", models.CharField(max_length=120)),
                ("text", models.TextField()),
                ("shipped", models.CharField(blank=True, max_length=64)),
                ("reason", models.CharField(blank=True, max_length=1000)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Waits for approval"),
                            ("approved", "Approved"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("force_from", models.DateField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("submitted_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decision_reason", models.CharField(blank=True, max_length=1000)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "based_on",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="heirs",
                        to="contact.ruleversion",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "kept",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="contact.packtext",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Trial",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pack", models.CharField(max_length=40)),
                ("file", models.CharField(max_length=120)),
                ("text", models.TextField()),
                ("days", models.PositiveSmallIntegerField()),
                (
                    "status",
                    models.CharField(
                        choices=[("queued", "Queued"), ("running", "Running"), ("done", "Done"), ("failed", "Failed")],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("begun_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("done", models.BigIntegerField(default=0)),
                ("total", models.BigIntegerField(default=0)),
                ("result", models.JSONField(default=dict)),
                ("error", models.TextField(blank=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trials",
                        to="contact.ruleversion",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="replay",
            constraint=models.CheckConstraint(
                condition=models.Q(("after__lte", models.F("last")), ("last__lte", models.F("upto"))),
                name="a_replay_goes_forward",
            ),
        ),
        migrations.AddConstraint(
            model_name="replaydifference",
            constraint=models.UniqueConstraint(
                fields=("replay", "verdict"), name="one_difference_per_verdict_and_replay"
            ),
        ),
        migrations.AddIndex(
            model_name="ruleversion",
            index=models.Index(
                condition=models.Q(("status", "approved")),
                fields=["pack", "-force_from", "-number"],
                name="versions_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.UniqueConstraint(fields=("pack", "number"), name="one_version_per_number"),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "approved")), fields=("based_on",), name="a_version_has_one_heir"
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("based_on__isnull", True), ("status", "approved")),
                fields=("pack",),
                name="a_pack_begins_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("author__isnull", True),
                    ("decided_by__isnull", True),
                    models.Q(("decided_by", models.F("author")), _negated=True),
                    _connector="OR",
                ),
                name="a_second_person_decides",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["approved", "declined"]), _negated=True),
                    ("author__isnull", True),
                    models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                    _connector="OR",
                ),
                name="a_decision_has_its_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "approved"), _negated=True),
                    models.Q(("force_from__isnull", False), ("kept__isnull", False)),
                    _connector="OR",
                ),
                name="an_approved_version_is_kept_and_dated",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "submitted"), _negated=True),
                    models.Q(("force_from__isnull", False), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="a_submitted_version_says_when_and_why",
            ),
        ),
        guard("contact_packtext"),
        migrations.RunSQL(
            KEEP, "drop trigger fairdue_keep on contact_ruleversion; drop function fairdue_keep_version()"
        ),
    ]
