"""Words that a change of a number leaves behind are found; words that follow it in any usual way are not."""

import pytest

from fairdue.law.wordcheck import stale

FORM = """
pack: {{id: p, version: "1", about: {{zh: 试, en: trial}}}}
p.rule:
  {kind}
  law: {{cites: {cites}, level: {level}, confidence: D}}
  say: {{zh: "{zh}", en: "{en}"}}
  cure: {{zh: "{cure}", en: Later}}
  examples: []
"""


def text(kind, zh="x", en="x", cure="x", cites="x", level="policy"):
    return FORM.format(kind=kind, zh=zh, en=en, cure=cure, cites=cites, level=level)


def behind(old, new):
    return [(".".join(one.text), one.named) for one in stale(old, new)]


GAP, LONG = "minimum_gap: {minutes: 15, after: dials}", "minimum_gap: {minutes: 240, after: dials}"
WEEK, TWO_WEEKS = "at_most: {times: 1, days: 7, of: letters}", "at_most: {times: 1, days: 14, of: letters}"
TWICE = "at_most: {times: 2, days: 7, of: letters}"
NIGHT, LATE = 'quiet_hours: {start: "21:00", end: "08:00"}', 'quiet_hours: {start: "20:00", end: "08:00"}'


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (text(GAP, en="at least 15 minutes"), text(LONG, en="at least 15 minutes"), [("say.en", True)]),
        (text(GAP, zh="至少 15 分钟"), text(LONG, zh="间隔够长"), [("say.zh", False)]),
        (text(GAP, en="15 minutes"), text(LONG, en="240 minutes, not 15"), [("say.en", True)]),
        (text(WEEK, cure="满七日后"), text(TWO_WEEKS, cure="满七日后"), [("cure.zh", False)]),
        (text(WEEK, en="one letter in 7 days"), text(TWICE, en="one letter in 7 days"), [("say.en", False)]),
        (text(NIGHT, en="not from 21:00"), text(LATE, en="not from 21:00"), [("say.en", True)]),
        (text(NIGHT, en="not after 9 p.m."), text(LATE, en="not after 9 p.m."), [("say.en", False)]),
        (text(GAP, cites="{zh: 15 分钟, en: 15 min}"), text(LONG, cites="{zh: 15 分钟, en: 240 min}"),
         [("law.cites.zh", True)]),
    ],
)  # fmt: skip
def test_words_behind_are_found(old, new, told):
    assert behind(old, new) == told


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (text(GAP, en="at least 15 minutes", cure="过后再打"), text(LONG, en="at least 240 minutes", cure="过后再打")),
        (text(GAP, zh="至少 15 分钟"), text(LONG, zh="至少４小时")),
        (text(GAP, zh="至少 15 分钟"), text(LONG, zh="至少四小时")),
        (text(WEEK, en="a letter in 7 days"), text(TWO_WEEKS, en="a letter in two weeks")),
        (text(WEEK, en="1 letter in 7 days"), text(TWICE, en="at most twice in 7 days")),
        (text(NIGHT, zh="21:00 以后不联系"), text(LATE, zh="20 点以后不联系")),
        (text(NIGHT, en="not after 21:00"), text(LATE, en="not after 8 pm")),
        (text(GAP, en="15 minutes"), text(GAP, en="quarter of an hour")),
        (text(GAP, cites="rule of 15", level="law"), text(LONG, cites="rule of 15", level="law")),
        (text(GAP, en="15 minutes"), text("stop: {}", en="15 minutes")),
    ],
)
def test_words_that_follow_are_left_alone(old, new):
    assert behind(old, new) == []
