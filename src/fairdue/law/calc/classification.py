"""Risk class and ageing bucket by days past due (tables/classification.yaml).

risk_class_floor(91)     # "substandard"
ageing_bucket(91)        # "M4"
"""

from fairdue.law.calc.figures import figure


def risk_class_floor(days_past_due: int) -> str:
    """The best class still open: normal, special_mention, substandard, doubtful or loss; `days_past_due` at least 0."""
    over: dict[str, int] = figure("classification", "risk-class").values["over_days"]
    return next((name for name, days in reversed(over.items()) if days_past_due > days), "normal")


def ageing_bucket(days_past_due: int) -> str:
    """M0 (not overdue) to M7+, by the industry's convention."""
    values = figure("classification", "ageing-bucket").values
    up_to: dict[str, int] = values["up_to"]
    return next((name for name, days in up_to.items() if days_past_due <= days), str(values["beyond"]))
