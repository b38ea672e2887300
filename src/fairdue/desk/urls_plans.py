"""Addresses of promises and plans: the calendar, the negotiation inside a case, the plan desk, the approvals."""

from django.urls import path

from fairdue.desk.views import plans, promises

urlpatterns = [
    path("plans/", plans.plans, name="plans"),
    path("promises/", promises.promises, name="promises"),
    path("approvals/", plans.approvals, name="approvals"),
    path("approvals/<int:approval>/", plans.decide, name="approval"),
    path("case/<int:case_id>/plan/", plans.panel, name="plan"),
    path("case/<int:case_id>/plan/budget/", plans.budget, name="plan-budget"),
    path("case/<int:case_id>/plan/work-out/", plans.work_out, name="plan-work-out"),
    path("case/<int:case_id>/plan/offer/", plans.offer, name="plan-offer"),
    path("case/<int:case_id>/plan/<int:plan_id>/agreement/", plans.agreement, name="plan-agreement"),
    path("case/<int:case_id>/plan/<int:plan_id>/discharge/", plans.discharge, name="plan-discharge"),
    path("case/<int:case_id>/plan/offer/<int:offer_id>/", plans.table, name="plan-table"),
    path("case/<int:case_id>/plan/offer/<int:offer_id>/ask/", plans.ask, name="plan-ask"),
    path("case/<int:case_id>/plan/offer/<int:offer_id>/code/", plans.code, name="plan-code"),
    path("case/<int:case_id>/plan/offer/<int:offer_id>/decline/", plans.decline, name="plan-decline"),
    path("case/<int:case_id>/plan/offer/<int:offer_id>/accept/", plans.accept, name="plan-accept"),
]
