"""The content check of a text of 1,000 characters: an ordinary letter in each language, and one made of threats."""

from time import perf_counter

from fairdue.law import content
from fairdue.law.codes import Channel, Jurisdiction
from fairdue.site.bench import Row, percentile

BUDGET_MS = 2
LENGTH = 1_000
TEXTS = {
    "a letter in Chinese": "我们已收到您的来信，并核对了账户。目前应还 ¥1,234.56，其中本金 ¥1,100.00。如对金额有异议，请直接回复，"
    "我们会先核对再与您联系；若您暂时有困难，也请告诉我们大致的收入与支出，可以商量宽限或分期。请只通过官方渠道还款，"
    "不要向任何个人转账。我们不会联系您的家人或单位。",
    "a letter in English": "Thank you for your letter; we have looked at your account. At present $1,234.56 is due, of which "
    "$1,100.00 is principal. If you think the amount is wrong, reply and we check first. If paying is difficult, tell us "
    "your rough income and outgoings, and we look for instalments that hold. Pay only through the official channels, "
    "never to a person. We will not contact your family or your employer. ",
    "nothing but threats": "我们会联系您的家人，不还就抓你，转我微信。We will call your boss. ",
}


def measure(quick: bool) -> list[Row]:
    """Each text as often as given, all lists that bind in mainland China."""
    return [_row(name, text, 200 if quick else 2_000) for name, text in TEXTS.items()]


def _row(name: str, piece: str, times: int) -> Row:
    text = (piece * (LENGTH // len(piece) + 1))[:LENGTH]
    took = []
    for _ in range(times + 20):
        start = perf_counter()
        found = content.check(text, jurisdiction=Jurisdiction.CN, channel=Channel.EMAIL)
        took.append((perf_counter() - start) * 1000)
    took = took[20:]
    middle = percentile(took, 50)
    figure = f"p50 {middle:.2f} ms, p99 {percentile(took, 99):.2f} ms"
    size = f"{LENGTH:,} characters, {len(found)} marks, {times:,} times"
    return Row(f"content check, {name}", size, figure, f"≤ {BUDGET_MS} ms", middle <= BUDGET_MS)
