"""An offer as people read it: how much each instalment asks, the days, and why it needs somebody else's word."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from fairdue.agreements import services as agreements
from fairdue.agreements.models import Offer
from fairdue.agreements.services import Beyond
from fairdue.desk import writing
from fairdue.money.plans import Instalment, runs
from fairdue.money.policy import plan_policy


@dataclass(frozen=True)
class Offered:
    """An offer with what is shown of it."""

    offer: Offer

    @property
    def amounts(self) -> list[tuple[int, int]]:
        """(how many one after another, cents of each), in the order in which they fall due."""
        return runs([row[1] for row in self.offer.dues])

    @property
    def schedule(self) -> list[Instalment]:
        """Each day and amount."""
        return [Instalment(n, date.fromisoformat(row[0]), *row[1:]) for n, row in enumerate(self.offer.dues, 1)]

    @property
    def needs(self) -> list[str]:
        """Why somebody else must agree: what was asked, and how far the one who asked may go alone."""
        return [self._why(one) for one in agreements.beyond(self.offer)]

    def _why(self, one: Beyond) -> str:
        if one.what == "replan":
            return _(
                "Plans of this account that failed or were replaced within %(months)s months: %(n)s; "
                "after %(most)s a lead agrees"
            ) % {
                "months": plan_policy().life.replans_months, "n": one.asked, "most": one.limit,
            }  # fmt: skip
        asked = {
            "plan": _("the plan comes to %(asked)s"),
            "settle": _("%(asked)s are let go in a settlement"),
            "waive": _("%(asked)s are let go, at most the charges"),
        }[one.what] % {"asked": writing.money(one.asked, self.offer.currency)}
        if one.limit >= one.asked:  # the limit was raised since
            return asked
        facts = {"asked": asked, "limit": writing.money(one.limit, self.offer.currency), "who": str(self.offer.made_by)}
        if self.offer.made_by is None:
            return _("%(asked)s; borrowers may agree up to %(limit)s on their own page") % facts
        return _("%(asked)s; %(who)s may agree up to %(limit)s alone") % facts
