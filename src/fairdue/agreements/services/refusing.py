"""What the services of agreements answer when something cannot be agreed."""


class AgreementRefused(ValueError):  # noqa: N818
    """It cannot be agreed so; `code` says what is wrong, `zh` and `en` how to mend it."""

    def __init__(self, code: str, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.zh, self.en = code, zh, en
