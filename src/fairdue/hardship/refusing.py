"""What the services of hardship answer when something cannot be granted."""


class HardshipRefused(ValueError):  # noqa: N818
    """It cannot be done so; `code` says what is wrong, `zh` and `en` how to mend it."""

    def __init__(self, code: str, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.zh, self.en = code, zh, en
