"""Tags of the results."""

from typing import Any

from django import template

from fairdue.insight.asking import as_query, linker
from fairdue.insight.charts import label
from fairdue.insight.queries.scope import Filters

register = template.Library()


@register.filter
def percent(mille: int | None) -> str:
    """Thousandths as per cent: 321 → 32.1 %; a dash for nothing to count."""
    return "–" if mille is None else f"{mille // 10}.{mille % 10} %"


@register.filter
def bucket_name(bucket: int) -> str:
    """M0 … M7+."""
    return label(bucket)


@register.filter
def heat(mille: int | None) -> str:
    """A class from 0 to 9 by which a cell is shaded."""
    return "" if not mille else f"heat-{min(mille // 100, 9)}"


@register.simple_tag
def rows_url(filters: Filters, what: str, **changes: Any) -> str:
    """`{% rows_url filters "accounts" bucket=3 %}`: the rows behind a figure."""
    return linker(filters)(what, **{name: value for name, value in changes.items() if value != ""})


@register.simple_tag
def asked(filters: Filters, **changes: Any) -> str:
    """`?{% asked filters since=… %}`: the filters as a query, with changes in place."""
    return as_query(filters, **changes)


@register.filter
def named(names: dict[int, str], pk: int) -> str:
    """The creditor's name in the language of the page."""
    return names.get(pk, "")


@register.filter
def negative(cents: int) -> int:
    """Money that went, shown below zero."""
    return -cents
