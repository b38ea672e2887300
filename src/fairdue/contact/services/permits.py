"""Permits: signed, single use, for one address, purpose and window."""


class PermitError(Exception):
    """The permit does not open this door. `why`: spent, revoked, expired, early, forged, channel, holder, missing."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the permit is {why}; ask again")
        self.why = why
