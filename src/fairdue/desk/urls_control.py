"""Addresses of the lead, compliance and administration; part of the desk's own (desk/urls.py)."""

from django.urls import path

from fairdue.desk.views import admin, compliance, content, journal, lead, rules, runs

urlpatterns = [
    path("team/", lead.team, name="team"),
    path("team/unowned/", lead.unowned, name="team-unowned"),
    path("team/move/", lead.move, name="team-move"),
    path("team/<int:user_id>/", lead.member, name="team-member"),
    path("runs/", runs.runs, name="runs"),
    path("runs/start/", runs.start, name="run-start"),
    path("runs/<int:run>/", runs.run, name="run"),
    path("verdicts/", compliance.verdicts, name="verdicts"),
    path("verdicts/export/", compliance.export, name="verdicts-export"),
    path("verdicts/<int:verdict>/", compliance.verdict, name="verdict"),
    path("rules/", rules.rules, name="rules"),
    path("false-alarms/", content.alarms, name="alarms"),
    path("false-alarms/<int:alarm_id>/accept/", content.accept, name="alarm-accept"),
    path("false-alarms/<int:alarm_id>/decline/", content.decline, name="alarm-decline"),
    path("journal/", journal.journal, name="journal"),
    path("journal/verify/", journal.verify, name="journal-verify"),
    path("users/", admin.users, name="users"),
    path("users/new/", admin.user_new, name="user-new"),
    path("users/<int:user_id>/", admin.user, name="user"),
    path("users/<int:user_id>/password/", admin.user_password, name="user-password"),
    path("users/<int:user_id>/unlock/", admin.user_unlock, name="user-unlock"),
    path("users/<int:user_id>/active/", admin.user_active, name="user-active"),
    path("users/<int:user_id>/authority/", admin.user_authority, name="user-authority"),
    path("teams/", admin.teams, name="teams"),
    path("teams/<int:team_id>/", admin.team, name="team-edit"),
    path("roles/", admin.roles, name="roles"),
]
