"""The screens' words for codes that are stored as numbers; the same word everywhere (docs/ui.md, glossary)."""

from django.utils.translation import gettext_lazy as _

from fairdue.law import codes

LANGUAGES = {"zh": _("in Chinese"), "en": _("in English")}
CHANNELS = {
    codes.Channel.CALL: _("Phone call"),
    codes.Channel.VOICEMAIL: _("Voicemail"),
    codes.Channel.SMS: _("Text message"),
    codes.Channel.EMAIL: _("E-mail"),
    codes.Channel.LETTER: _("Letter"),
    codes.Channel.VISIT: _("Visit"),
    codes.Channel.IM: _("Messenger"),
    codes.Channel.PUSH: _("App notice"),
    codes.Channel.PORTAL: _("Borrower's page"),
    codes.Channel.SOCIAL: _("Social network"),
}
CHANNEL_ICONS = {
    codes.Channel.CALL: "phone",
    codes.Channel.VOICEMAIL: "record-mail",
    codes.Channel.SMS: "device-mobile",
    codes.Channel.EMAIL: "mail",
    codes.Channel.LETTER: "mail-forward",
    codes.Channel.VISIT: "map-pin",
    codes.Channel.IM: "message",
    codes.Channel.PUSH: "bell",
    codes.Channel.PORTAL: "link",
    codes.Channel.SOCIAL: "users",
}
RELATIONS = {
    codes.Relation.DEBTOR: _("Debtor"),
    codes.Relation.SPOUSE: _("Spouse"),
    codes.Relation.PARENT_OF_MINOR: _("Parent of a minor"),
    codes.Relation.GUARDIAN: _("Guardian"),
    codes.Relation.EXECUTOR: _("Executor"),
    codes.Relation.INFORMAL_REPRESENTATIVE: _("Informal representative"),
    codes.Relation.SUCCESSOR_IN_INTEREST: _("Successor in interest"),
    codes.Relation.CO_DEBTOR: _("Co-debtor"),
    codes.Relation.GUARANTOR: _("Guarantor"),
    codes.Relation.HEIR: _("Heir"),
    codes.Relation.ATTORNEY: _("Attorney"),
    codes.Relation.EMERGENCY_CONTACT: _("Emergency contact"),
    codes.Relation.EMPLOYER: _("Employer"),
    codes.Relation.PARENT_OF_ADULT: _("Parent"),
    codes.Relation.SIBLING: _("Sibling"),
    codes.Relation.FRIEND: _("Friend"),
    codes.Relation.NEIGHBOUR: _("Neighbour"),
    codes.Relation.OCCUPIER: _("Somebody at the address"),
    codes.Relation.OTHER_THIRD_PARTY: _("Other third party"),
    codes.Relation.UNKNOWN: _("Relation not known"),
}
PURPOSES = {
    codes.Purpose.COLLECT: _("Collect"),
    codes.Purpose.RELAY: _("Ask to pass on a message"),
    codes.Purpose.LOCATION_INFORMATION: _("Ask where the debtor can be reached"),
    codes.Purpose.LEAVE_MESSAGE: _("Leave a message"),
    codes.Purpose.ESTATE_CLAIM: _("Claim against the estate"),
    codes.Purpose.DEMAND_OWN_MONEY: _("Ask for a share of the debt of their own"),
    codes.Purpose.END_OF_EFFORTS: _("Say that efforts end"),
    codes.Purpose.REMEDIES_ORDINARILY_INVOKED: _("Name the usual remedies"),
    codes.Purpose.SPECIFIED_REMEDY: _("Name a remedy to be used"),
    codes.Purpose.ANSWER_QUERY: _("Answer a question"),
    codes.Purpose.OPT_OUT_CONFIRMATION: _("Confirm an opt-out"),
    codes.Purpose.AGREED: _("What was agreed"),
    codes.Purpose.TELEPHONE_SOLICITATION: _("Offer something"),
}
JURISDICTIONS = {
    codes.Jurisdiction.CN: _("Mainland China"),
    codes.Jurisdiction.US: _("United States"),
    codes.Jurisdiction.GB: _("United Kingdom"),
    codes.Jurisdiction.AU: _("Australia"),
    codes.Jurisdiction.IN: _("India"),
    codes.Jurisdiction.EU: _("European Union"),
    codes.Jurisdiction.SG: _("Singapore"),
    codes.Jurisdiction.BR: _("Brazil"),
}
PLACES = {
    codes.Place.NONE: _("none"),
    codes.Place.US_MA: _("Massachusetts"),
    codes.Place.US_DC: _("District of Columbia"),
    codes.Place.US_NYC: _("New York City"),
    codes.Place.US_WA: _("Washington State"),
    codes.Place.US_FL: _("Florida"),
    codes.Place.GB_EW: _("England and Wales"),
    codes.Place.GB_SCT: _("Scotland"),
}
RESULTS = {
    codes.Result.PENDING: _("Result not yet recorded"),
    codes.Result.UNANSWERED: _("No answer"),
    codes.Result.BUSY: _("Busy"),
    codes.Result.NOT_IN_SERVICE: _("Not in service"),
    codes.Result.DROPPED: _("Cut off"),
    codes.Result.VOICEMAIL_REACHED: _("Voicemail, no message left"),
    codes.Result.VOICEMAIL_LEFT: _("Voicemail, message left"),
    codes.Result.VOICEMAIL_LIMITED_CONTENT: _("Voicemail, short message left"),
    codes.Result.CONVERSATION: _("Conversation"),
    codes.Result.NOTICE_PLAYED: _("Notice played"),
    codes.Result.WRONG_PERSON: _("Wrong person"),
    codes.Result.DELIVERED: _("Delivered"),
    codes.Result.BOUNCED: _("Bounced"),
    codes.Result.CANCELLED: _("Not carried out"),
}
METHODS = {
    "transfer": _("Bank transfer"),
    "cash": _("Cash"),
    "cheque": _("Cheque"),
    "other": _("Otherwise"),
}
"""How a payment entered by hand came in."""
WAYS_PAID = METHODS | {
    "bank": _("Bank transfer"),
    "stripe": _("Borrower's page"),
    "sandbox": _("Borrower's page, practice payment"),
}
"""Words for the method of a payment; a creditor's own word stands as it came."""
DECISIONS = {
    codes.Decision.ALLOW: _("Allowed"),
    codes.Decision.WARN: _("Allowed with care"),
    codes.Decision.HOLD: _("On hold"),
    codes.Decision.DENY: _("Not allowed"),
}
TONES = {
    codes.Decision.ALLOW: "ok",
    codes.Decision.WARN: "warn",
    codes.Decision.HOLD: "warn",
    codes.Decision.DENY: "stop",
}
STATUS_TONES = {
    "open": "info", "leased": "warn", "done": "ok", "dropped": "quiet", "repair": "warn", "closed": "quiet",
    "paid": "ok", "recalled": "quiet", "kept": "ok", "partly_kept": "warn", "broken": "stop", "withdrawn": "quiet",
    "running": "info", "failed": "stop", "queued": "info", "sent": "ok", "revoked": "quiet", "refused": "stop",
    "verified": "ok", "unverified": "quiet", "invalid": "stop", "wrong_person": "stop", "loaded": "ok",
    "active": "ok", "at_risk": "warn", "completed": "ok", "replaced": "quiet", "accepted": "ok", "declined": "quiet",
    "given": "ok", "rejected": "stop", "unchanged": "quiet", "updated": "info", "waiting": "warn", "to_confirm": "warn", "asked": "warn",
    "reviewed": "ok", "ended": "quiet", "booked": "ok", "returned": "quiet", "undone": "quiet",
}  # fmt: skip
"""Tone of a status chip by the stored value; anything else is quiet."""
