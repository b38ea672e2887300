"""Payments begun on the borrower's page."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from fairdue.accounts.models import Account, Payment
from fairdue.contact.models import Link


class Checkout(models.Model):
    """A payment the borrower began at a provider. `reference` is ours; `provider_ref` the provider's.

    Paid only by what the provider tells us over its own signed way, never by the browser coming back.
    """

    link = models.ForeignKey(Link, on_delete=models.PROTECT, related_name="checkouts")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=40, unique=True)
    provider = models.CharField(max_length=20)
    provider_ref = models.CharField(max_length=120, blank=True)
    address = models.URLField(max_length=2000, blank=True)
    cents = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    begun_at = models.DateTimeField()
    payment = models.OneToOneField(Payment, null=True, on_delete=models.PROTECT, related_name="checkout")
    paid_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(cents__gt=0), name="checkout_positive"),
            models.CheckConstraint(
                condition=Q(payment=None, paid_at=None) | Q(payment__isnull=False, paid_at__isnull=False),
                name="a_paid_checkout_has_its_payment",
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_ref"], name="one_checkout_per_provider_reference",
                condition=~Q(provider_ref=""),
            ),
        ]  # fmt: skip
