"""Addresses of money; part of the desk's own (desk/urls.py)."""

from django.urls import path

from fairdue.desk.views import money

_ACCOUNT = "case/<int:case_id>/account/<int:account_id>/"

urlpatterns = [
    path(_ACCOUNT + "statement/", money.statement, name="statement"),
    path(_ACCOUNT + "statement.csv", money.statement_csv, name="statement-csv"),
    path(_ACCOUNT + "statement.pdf", money.statement_pdf, name="statement-pdf"),
    path(_ACCOUNT + "write-off/", money.write_off, name="write-off"),
    path(_ACCOUNT + "write-off/<int:waiver_id>/take-back/", money.take_back, name="write-off-back"),
    path(_ACCOUNT + "payment/", money.enter, name="payment-enter"),
    path(_ACCOUNT + "payment/<int:payment_id>/reverse/", money.reverse, name="payment-reverse"),
    path(_ACCOUNT + "refund/", money.refund, name="refund"),
    path("incoming/", money.incoming, name="incoming"),
    path("incoming/<int:incoming_id>/", money.incoming_one, name="incoming-one"),
    path("incoming/<int:incoming_id>/book/", money.incoming_book, name="incoming-book"),
    *(
        path(f"incoming/<int:incoming_id>/{act}/", money.incoming_decide, {"act": act}, name=f"incoming-{act}")
        for act in ("send-back", "confirm", "turn-down")
    ),
    *(
        path(f"write-offs/<int:waiver_id>/{act}/", money.waiver_decide, {"act": act}, name=f"waiver-{act}")
        for act in ("approve", "refuse")
    ),
]
