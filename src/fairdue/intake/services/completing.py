"""The proof of debt is completed."""

from django.db import transaction

from fairdue.accounts import proof
from fairdue.accounts.models import Account
from fairdue.cases import services as cases
from fairdue.journal import services as journal
from fairdue.people.models import Person
from fairdue.staff.models import User


@transaction.atomic
def add_document(*, account: Account, document: str, by: User) -> Account:
    """Note that a document of the proof-of-debt file has come in; the case leaves the repair list when nothing lacks.

    `document`: a key of accounts.proof.WEIGHTS. Safe to say twice.
    """
    assert document in proof.WEIGHTS, document
    Person.objects.select_for_update(no_key=True).get(pk=account.debtor_id)
    locked = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    if getattr(locked, f"has_{document}"):
        return locked
    setattr(locked, f"has_{document}", True)
    locked.proof_score = proof.score(**{name: getattr(locked, f"has_{name}") for name in proof.WEIGHTS})
    locked.save(update_fields=[f"has_{document}", "proof_score"])
    journal.write(
        "proof.added", by=by, subject="account", subject_id=locked.pk, person_id=locked.debtor_id, document=document,
        score=locked.proof_score,
    )  # fmt: skip
    cases.open_cases(creditor=locked.creditor, persons=[locked.debtor_id])
    return locked
