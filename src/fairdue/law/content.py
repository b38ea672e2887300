"""Is a text fit to be sent: forbidden expressions, data of other persons, a debt told to a third person.

    marks = check(text, jurisdiction=Jurisdiction.CN, relation=Relation.DEBTOR, channel=Channel.EMAIL)
    says = parts(text, names={"Fairdue", "华远消费金融"})        # which required parts the text has

What is forbidden is data (law/packs/*/words.yaml, read by law/wordlists.py); every mark names the words, the rule of
the packs that they break with its source, and how to say it instead. Both languages are always looked through.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from fairdue.law import figures, wordlists
from fairdue.law.codes import Content, Relation
from fairdue.law.folding import BREAKS, Folded, View, fold
from fairdue.law.packs import Rule
from fairdue.law.wordlists import Breach, Expression, Phrase, Reading, WordList

NEAR: Final = {"zh": 14, "en": 60}
"""How far behind a word of denial a phrase may begin and still be denied."""


@dataclass(frozen=True)
class Mark:
    """A place in a text: [start, end) of the text as written. An empty span = something is missing.

    expression: the entry of the word list (a rule's id for a missing part). phrase: the words as written, figures of
    persons masked. breach: the rule broken, where it is written, level, confidence. cure: how to mend it, by language.
    """

    start: int
    end: int
    category: Content
    expression: str
    decision: Literal["warn", "deny"]
    phrase: str
    breach: Breach
    says: Mapping[str, str]
    cure: Mapping[str, str]


@dataclass(frozen=True)
class Exempted:
    """A phrase that was found harmless where `expression` had marked it."""

    expression: str
    phrase: str


@dataclass(frozen=True)
class _Hit:
    start: int
    end: int
    entry: Expression


def check(
    text: str,
    *,
    jurisdiction: int,
    relation: int = Relation.DEBTOR,
    channel: int | None = None,
    own: Collection[str] = (),
    exempted: Sequence[Exempted] = (),
    lists: Sequence[WordList] | None = None,
) -> tuple[Mark, ...]:
    """The marks of a text, in its order, one for each category and place.

    relation: the addressee's tie to the debt. channel: None = nothing is sent (a note). own: figures that may stand
    in the text because they are the addressee's or ours (`figures.digits`). exempted: false alarms that were accepted.
    lists: other word lists than those that bind in the jurisdiction.
    """
    if lists is None:
        lists = wordlists.for_jurisdiction(jurisdiction)
    looked = fold(text)
    if not looked.plain.text:
        return ()
    reading = next((each.reading for each in (*lists, *wordlists.standard()) if each.reading), None)
    assert reading is not None, "the list of the house says how clauses are read"
    harmless = _exempted_spans(looked, exempted)
    hits = [
        hit
        for each in lists
        for entry in each.expressions
        if (entry.relations is None or relation in entry.relations)
        and (channel is None or entry.channels is None or channel in entry.channels)
        for hit in _hits(looked, entry, reading, own)
        if not any(start <= hit.start and hit.end <= end for start, end in harmless.get(entry.id, ()))
    ]
    return tuple(_mark(text, hit, jurisdiction) for hit in _widest(hits))


def parts(text: str, *, names: Collection[str] = ()) -> frozenset[str]:
    """Which of `wordlists.PARTS` a text has. identity: one of `names` stands in it."""
    looked = fold(text)
    found = set()
    for each in wordlists.standard():
        for name, phrases in each.parts.items():
            if any(True for p in phrases for _ in p.spans(_view(looked, p.language))):
                found.add(name)
    plain = looked.chinese.text
    if any(fold(name).chinese.text in plain for name in names if name.strip()):
        found.add("identity")
    if any(True for entry in _told_of_debt() for _ in _raw(looked, entry)):
        found.add("debt")
    return frozenset(found)


def missing(rule: Rule) -> Mark:
    """A part that a rule of the packs asks for and a text lacks; it stands nowhere."""
    breach = Breach(rule.id, rule.cites, str(rule.law["level"]), str(rule.law["confidence"]))
    lacks = {"zh": "缺少必须写明的内容", "en": "A part that must be written is missing"}
    return Mark(0, 0, Content.MISSING_PART, rule.id, "deny", "", breach, lacks, dict(rule.say))


def clause_of(text: str, mark: Mark) -> str:
    """The clause around a mark, figures masked: what compliance reads to decide about a false alarm."""
    start = max((text.rfind(c, 0, mark.start) for c in _CLAUSE), default=-1) + 1
    ends = [place for c in _CLAUSE if (place := text.find(c, mark.end)) >= 0]
    return figures.masked(text[max(start, mark.start - 60) : min([*ends, len(text), mark.end + 60])].strip())


_CLAUSE: Final = BREAKS + "，。；！？：\r"


def _told_of_debt() -> Iterator[Expression]:
    for each in wordlists.standard():
        yield from (e for e in each.expressions if e.category == Content.THIRD_PERSON_DISCLOSURE)


def _view(looked: Folded, language: str) -> View:
    return looked.chinese if language == "zh" else looked.english


def _hits(looked: Folded, entry: Expression, reading: Reading, own: Collection[str]) -> Iterator[_Hit]:
    places: set[tuple[str, int]] = set()
    for phrase, found in _raw(looked, entry):
        view = _view(looked, phrase.language)
        if (phrase.language, found.start()) in places and (phrase.language, found.end() - 1) in places:
            continue
        if not entry.even_denied and _turned(view, found, phrase.language, reading):
            continue
        if not _lifted(view, found, entry, phrase.language):
            places.update((phrase.language, place) for place in range(*found.span()))
            yield _Hit(*view.span(*found.span()), entry)
    for name in entry.finds:
        for start, end in figures.FIGURES[name](looked.plain.text):
            number = figures.digits(looked.plain.text[start:end])
            if not any(number == known or (known and number.endswith(known)) for known in own):
                yield _Hit(*looked.plain.span(start, end), entry)


def _raw(looked: Folded, entry: Expression) -> Iterator[tuple[Phrase, "re.Match[str]"]]:
    for phrase in entry.phrases:
        for found in phrase.spans(_view(looked, phrase.language)):
            yield phrase, found


def _lifted(view: View, found: "re.Match[str]", entry: Expression, language: str) -> bool:
    return any(
        other.start() < found.end() and found.start() < other.end()
        for phrase in entry.lifted
        if phrase.language == language
        for other in phrase.spans(view)
    )


def _turned(view: View, found: "re.Match[str]", language: str, reading: Reading) -> bool:
    """Whether the clause denies the phrase, tells somebody else's words, or warns of others who would say it."""
    start, end = found.span()
    text, clause, sentence = view.text, view.clause(start), view.sentence(start)
    before = text[clause:end]
    if reading.unless[language].search(before) is None and not _asks(text, end, language):
        turns = [found.end() for found in reading.anew[language].finditer(before)]
        for denied in reading.denies[language].finditer(before):
            close = clause + denied.start() < start and start - (clause + denied.end()) <= NEAR[language]
            if close and all(0 <= denied.start() - turn <= 1 for turn in turns):
                return True
    if any(reading.denies[language].search(gap or "") for gap in found.groups()):
        return True
    if reading.warns[language].search(text, sentence, start):
        return True
    return any(
        told.end() >= clause and start - told.end() <= NEAR[language]
        for told in reading.told[language].finditer(text, sentence, start)
    )


def _asks(text: str, end: int, language: str) -> bool:
    """我们不会通知您单位吗 is no denial."""
    return language == "zh" and text[end : end + 6].split("?")[0].rstrip(BREAKS).endswith("吗")


def _exempted_spans(looked: Folded, exempted: Sequence[Exempted]) -> dict[str, list[tuple[int, int]]]:
    """Where the phrases found harmless stand, by expression, as places in the text as written."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for each in exempted:
        folded = fold(each.phrase)
        for view, words in ((looked.chinese, folded.chinese.text), (looked.english, folded.english.text)):
            at = view.text.find(words) if words else -1
            while at >= 0:
                spans.setdefault(each.expression, []).append(view.span(at, at + len(words)))
                at = view.text.find(words, at + 1)
    return spans


def _widest(hits: list[_Hit]) -> list[_Hit]:
    """Of hits of one category that overlap the strictest, then the widest; in the order of the text."""
    taken: dict[Content, set[int]] = {}
    kept = []
    for hit in sorted(hits, key=lambda h: (h.entry.decision != "deny", h.start - h.end, h.start)):
        places = taken.setdefault(hit.entry.category, set())
        if places.isdisjoint(range(hit.start, hit.end)):
            places.update(range(hit.start, hit.end))
            kept.append(hit)
    return sorted(kept, key=lambda h: (h.start, h.end))


def _mark(text: str, hit: _Hit, jurisdiction: int) -> Mark:
    entry, words = hit.entry, text[hit.start : hit.end]
    return Mark(
        start=hit.start,
        end=hit.end,
        category=entry.category,
        expression=entry.id,
        decision=entry.decision,
        phrase=figures.masked(words) if entry.category == Content.OTHERS_PERSONAL_DATA else words,
        breach=wordlists.breach(entry.id, jurisdiction),
        says=entry.say,
        cure=entry.cure,
    )
