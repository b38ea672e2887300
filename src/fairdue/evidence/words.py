"""What the parts of a pack are called."""

from typing import Final

from django.utils.translation import gettext_lazy as _

NAMES: Final = {
    "persons": _("Persons"),
    "contact_points": _("Contact points"),
    "accounts": _("Accounts"),
    "contacts": _("Contacts"),
    "outcomes": _("Outcomes and their corrections"),
    "verdicts": _("Verdicts"),
    "messages": _("Messages"),
    "payments": _("Payments"),
    "promises": _("Promises"),
    "holds": _("Holds"),
    "wishes": _("Wishes"),
    "consents": _("Consents"),
    "explained": _("Rights and duties explained"),
    "notes": _("Notes"),
    "looks": _("Who looked at the data"),
    "recordings": _("Recordings"),
}
STEPS: Final = NAMES | {"journal": _("Journal"), "report": _("Report"), "zip": _("ZIP file")}
"""What is being done while a pack is put together."""
