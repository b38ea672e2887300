"""No rule, check, table or sentence claims to be surer of a public name than the sheets it was written from."""

from pathlib import Path

import pytest
import yaml

from fairdue.law import checks, packs, rights
from fairdue.law.calc import figures
from fairdue.law.located import claims_of

LETTERS = {
    name: letter
    for letter, names in yaml.safe_load((Path(__file__).parent / "letters.yaml").read_text("utf-8")).items()
    for name in names
}
TABLES = sorted(path.stem for path in (Path(packs.__file__).parent / "tables").glob("*.yaml"))


def claimed():
    """(what claims, the public name, the letter shown for it)."""
    rules = [rule for pack in packs.written() for rule in pack.rules]
    rules += [check for pack in checks.everything() for check in pack.checks]
    for rule in rules:
        yield from ((rule.id, name, letter) for name, letter in claims_of(rule.law, rule.public).items())
    for table in TABLES:
        for one in figures.table(table).values():
            yield from ((one.name, name, one.claims.get(name, one.confidence)) for name in one.public)
    for country, statement in rights.statements().items():
        for sentence in (row for rows in statement.sentences.values() for row in rows if row.basis == "law"):
            yield from ((f"statement of {country}", name, sentence.confidence) for name in sentence.facts)


CITED_ALONE = {("statement of cn", "CN-PRH-06")}
"""The sentence cites the statutes alone, which were read (A); the association's guideline behind the name is B."""


def test_no_name_is_shown_with_a_better_letter_than_its_source_has():
    too_sure = [one for one in claimed() if one[2] < LETTERS.get(one[1], "A") and one[:2] not in CITED_ALONE]
    assert too_sure == []
    assert sum(name in LETTERS for _who, name, _letter in claimed()) > 250


@pytest.mark.parametrize(
    ("rule", "confidence", "claims"),
    [
        ("cn.no-threat", "B", {"CN-PRH-01": "B"}),
        ("cn.scraped-contact", "A", {"CN-3P-09": "C", "CN-PI-01": "A"}),
        ("cn.no-shaming", "A", {"CN-PRH-08": "A", "CN-PRH-04": "B", "CN-PRH-01": "B"}),
        ("cn.three-conversations", "B", {"CN-FRQ-01": "B", "CN-FRQ-02": "C", "CN-AI-01": "B"}),
    ],
)
def test_a_rule_shows_each_of_its_names_with_the_letter_of_that_name(rule, confidence, claims):
    found = next(one for pack in packs.written() for one in pack.rules if one.id == rule)
    assert (found.law["confidence"], dict(found.claims)) == (confidence, claims)


def test_a_weaker_claim_does_not_weaken_the_rule():
    """That employers and neighbours are third persons is our reading (D); that third persons are left alone is B."""
    judged = {rule.id: rule for pack in packs.standard() for rule in pack.rules}
    for name in ("cn.no-demand-to-others", "cn.contact-person-when-lost"):
        assert judged[name].claims["CN-3P-11"] == "D"
        assert judged[name].decision.name == "DENY"
