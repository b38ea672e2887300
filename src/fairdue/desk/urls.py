"""Addresses of the desk."""

from django.urls import include, path

from fairdue.desk.views import acts, case, content, rights, search, sign_in, today

app_name = "desk"
urlpatterns = [
    path("", sign_in.home, name="home"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-in/code/", sign_in.second_factor, name="second-factor"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("profile/", sign_in.profile, name="profile"),
    path("profile/second-factor/", sign_in.second_factor_setup, name="second-factor-setup"),
    path("profile/second-factor/remove/", sign_in.second_factor_remove, name="second-factor-remove"),
    path("language/", sign_in.language, name="language"),
    path("today/", today.today, name="today"),
    path("next/", today.next_case, name="next"),
    path("search/", search.search, name="search"),
    path("case/<int:case_id>/", case.case, name="case"),
    path("case/<int:case_id>/call/<int:point_id>/", acts.call, name="call"),
    path("case/<int:case_id>/outcome/<int:attempt_id>/", acts.outcome, name="outcome"),
    path("case/<int:case_id>/outcome/<int:attempt_id>/correct/", acts.correct, name="correct"),
    path("case/<int:case_id>/took-call/", acts.took_call, name="took-call"),
    path("case/<int:case_id>/write/<int:point_id>/", acts.write, name="write"),
    path("case/<int:case_id>/check/<int:point_id>/", content.check, name="check"),
    path("case/<int:case_id>/check-note/", content.check_note, name="check-note"),
    path("case/<int:case_id>/false-alarm/", content.report, name="false-alarm"),
    path("case/<int:case_id>/set-aside/<int:verdict_id>/", acts.set_aside, name="set-aside"),
    path("case/<int:case_id>/note/", case.note, name="note"),
    path("case/<int:case_id>/hold/", case.hold, name="hold"),
    path("case/<int:case_id>/hold/<int:hold_id>/lift/", case.lift, name="lift"),
    path("case/<int:case_id>/reveal/<int:point_id>/", case.reveal, name="reveal"),
    path("case/<int:case_id>/check-id/<int:person_id>/", case.check_id, name="check-id"),
    path("case/<int:case_id>/reveal-id/<int:person_id>/", case.reveal_id, name="reveal-id"),
    path("case/<int:case_id>/contact-data/", case.add_point, name="add-point"),
    path("case/<int:case_id>/contact-data/<int:point_id>/", case.update_point, name="update-point"),
    path("case/<int:case_id>/wish/", case.wish, name="wish"),
    path("case/<int:case_id>/rights/", rights.rights, name="rights"),
    path("case/<int:case_id>/rights/print/", rights.print_, name="rights-print"),
    path("case/<int:case_id>/rights/read/", rights.read, name="rights-read"),
    path("case/<int:case_id>/rights/send/<int:point_id>/", rights.send, name="rights-send"),
    path("case/<int:case_id>/page/<int:point_id>/", acts.invite, name="invite"),
    path("case/<int:case_id>/skip/", case.skip, name="skip"),
    path("", include("fairdue.desk.urls_hardship")),
    path("", include("fairdue.desk.urls_plans")),
    path("", include("fairdue.desk.urls_money")),
    path("", include("fairdue.desk.urls_control")),
]
