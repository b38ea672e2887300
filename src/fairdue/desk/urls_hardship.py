"""Addresses of hardship and care; part of desk/urls.py."""

from django.urls import path

from fairdue.desk.views import care, hardship

urlpatterns = [
    path("hardship/", hardship.worklist, name="hardship"),
    path("hardship/approvals/<int:approval>/", hardship.decide, name="hardship-decide"),
    path("hardship/<int:file_id>/review/", hardship.review, name="hardship-review"),
    path("hardship/<int:file_id>/event/", hardship.event, name="hardship-event"),
    path("hardship/<int:file_id>/event/correct/", hardship.event_correct, name="hardship-event-correct"),
    path("hardship/<int:file_id>/words/", hardship.words, name="hardship-words"),
    path("hardship/<int:file_id>/evidence/", hardship.attach, name="evidence-add"),
    path("hardship/<int:file_id>/evidence/<int:evidence_id>/", hardship.evidence, name="evidence-open"),
    path("rules/schemes/", hardship.schemes, name="schemes"),
    path("case/<int:case_id>/hardship/", hardship.panel, name="hardship-panel"),
    path("case/<int:case_id>/hardship/open/", hardship.open_, name="hardship-open"),
    path("case/<int:case_id>/care/", care.panel, name="care"),
    path("case/<int:case_id>/care/note/", care.note, name="care-note"),
    path("case/<int:case_id>/care/look/", care.look, name="care-look"),
    path("case/<int:case_id>/care/end/", care.end, name="care-end"),
]
