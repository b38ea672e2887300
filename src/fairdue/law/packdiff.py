"""Two versions of a pack told apart in words: which rule came, went or changed, and which term from what to what.

    for change in compare(old_text, new_text): print(change.rule, in_words(change, "zh"))

Both texts are without mistakes (`packtext.mistakes`). A value is told as it is written unless the caller has words for
it: `word(fact, value, lang)`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from fairdue.law import packtext
from fairdue.law.facts import COUNTS
from fairdue.law.kinds import KINDS
from fairdue.law.words import FACT_WORDS

Word = Callable[[str, Any, str], str]

HEAD: Final = "pack"
SETTINGS: Final = "settings"

TERM_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    # term or field: (zh, en)
    "start": ("开始时间", "from"),
    "end": ("结束时间", "to"),
    "times": ("次数", "times"),
    "days": ("天数", "days"),
    "of": ("计数对象", "what is counted"),
    "since": ("起始日", "since"),
    "until": ("终止日", "until"),
    "minutes": ("分钟数", "minutes"),
    "after": ("起算的联系", "after what"),
    "hours": ("小时数", "hours"),
    "years": ("年数", "years"),
    "calendar": ("日历", "calendar"),
    "parts": ("必备内容", "parts that must be there"),
    "at_least": ("至少人数", "at least"),
    "purposes": ("准许目的", "purposes"),
    "what": ("须告知内容", "what must be said"),
    "facts": ("须已知事实", "what must be known"),
    "decision": ("结论", "decision"),
    "public": ("对外编号", "public names"),
    "when": ("适用条件", "applies when"),
    "unless": ("例外", "unless"),
    "covers": ("约束对象", "binds"),
    "say": ("说明文字", "text"),
    "cure": ("补救文字", "what helps"),
    "examples": ("示例", "examples"),
    "cites": ("出处", "source"),
    "level": ("效力层级", "level of the source"),
    "confidence": ("置信度", "confidence"),
    "force": ("效力", "force"),
    "source": ("来源", "where from"),
    "note": ("备注", "note"),
    "version": ("版本号", "version"),
    "jurisdiction": ("适用法域", "jurisdiction"),
    "clock": ("统一时区", "clock"),
    "about": ("简介", "about"),
    "id": ("名称", "id"),
    "signed_off": ("法务签核", "signed off by legal"),
    "stricter": ("由提醒改为禁止", "refuses instead of warning"),
    "zh": ("（中文）", " (Chinese)"),
    "en": ("（英文）", " (English)"),
}
COUNT_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "calls": ("计入次数的催收电话", "counted calls"),
    "conversations": ("通话", "conversations"),
    "effective_calls": ("有效通话", "calls that became a conversation"),
    "notices": ("已收听的录音通知", "recorded notices heard"),
    "failed_dials": ("该号码未接通的拨打", "calls to the number that reached nobody"),
    "unanswered": ("该号码无人接听的拨打", "calls to the number that rang unanswered"),
    "dials": ("所有拨打", "calls of any result"),
    "sms": ("短信及即时消息", "text and chat messages"),
    "emails": ("邮件", "e-mails"),
    "letters": ("信函", "letters"),
    "visits": ("上门", "visits"),
    "contacts": ("各渠道联系及尝试", "contacts and attempts on any channel"),
    "contacts_about_debt": ("就该笔债务的联系及尝试", "contacts and attempts about the debt"),
    "contacts_at_work": ("在工作场所的联系及尝试", "contacts and attempts at work"),
    "contacts_made": ("已达成的联系", "contacts made"),
    "calls_unasked": ("非对方要求的电话", "calls they did not ask for"),
    "phone_tries": ("对个人号码的电话及短信", "calls and texts to personal numbers"),
    "phone_messages": ("其中已送达本人或留言的", "those that reached the person or a machine"),
    "work_tries": ("对单位号码的电话及短信", "calls and texts to numbers at work"),
    "work_messages": ("其中已送达单位号码的", "those that reached somebody or a machine at work"),
}
DECISION_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "allow": ("可联系", "allow"),
    "warn": ("提醒", "warn"),
    "hold": ("暂缓", "hold"),
    "deny": ("禁止", "deny"),
}
_VERB: Final = {
    ("added", "zh"): "新增规则：{text}",
    ("added", "en"): "New rule: {text}",
    ("removed", "zh"): "删除规则：{text}",
    ("removed", "en"): "Rule removed: {text}",
    ("changed", "zh"): "{field}：由{old}改为{new}",
    ("changed", "en"): "{field}: {new} instead of {old}",
    ("given", "zh"): "{field}：新增{new}",
    ("given", "en"): "{field}: {new} added",
    ("taken", "zh"): "{field}：删除{old}",
    ("taken", "en"): "{field}: {old} removed",
}
_CONDITIONS: Final = ("when", "unless", "covers")
_UNSAID: Final = object()


@dataclass(frozen=True)
class Change:
    """One difference. rule: its id, `pack` for the head; path: the field, outermost first, empty = the whole rule.

    old, new: as written; None on the side where it is missing.
    """

    rule: str
    path: tuple[str, ...]
    old: Any
    new: Any

    @property
    def verb(self) -> str:
        """added or removed (a rule), given or taken (a field), changed."""
        if self.old is None:
            return "given" if self.path else "added"
        if self.new is None:
            return "taken" if self.path else "removed"
        return "changed"


def compare(old: str, new: str) -> list[Change]:
    """What changed from one text to another: the head first, then the rules in the order of the new text."""
    before, after = packtext.tree(old), packtext.tree(new)
    names: list[str] = [name for name in (HEAD, SETTINGS) if name in before or name in after]
    names += [name for name in after if name not in names] + [name for name in before if name not in after]
    found: list[Change] = []
    for name in dict.fromkeys(names):
        if name not in before or name not in after:
            found.append(Change(name, (), before.get(name), after.get(name)))
        else:
            found += _fields(name, (), before[name], after[name])
    return found


def _fields(rule: str, path: tuple[str, ...], old: Any, new: Any) -> Iterator[Change]:
    """Where two blocks differ; a list is told as a whole."""
    if old == new:
        return
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        yield Change(rule, path, old, new)
        return
    for name in dict.fromkeys([*new, *old]):
        a, b = old.get(name, _UNSAID), new.get(name, _UNSAID)
        if a is _UNSAID or b is _UNSAID:
            yield Change(rule, (*path, name), None if a is _UNSAID else a, None if b is _UNSAID else b)
        else:
            yield from _fields(rule, (*path, name), a, b)


# ---- words


def in_words(change: Change, lang: str, word: Word | None = None) -> str:
    """One difference as a sentence in `zh` or `en`; a rule that came or went by what it says."""
    if not change.path:
        body = change.new if change.new is not None else change.old
        says = body.get("say", {}).get(lang, "") if isinstance(body, Mapping) else ""
        return _VERB[change.verb, lang].format(text=says)
    field = field_in_words(change.path, lang)
    if change.path == ("examples",):
        return _examples(change, field, lang)
    old, new = (_value(change.path, value, lang, word) for value in (change.old, change.new))
    return _VERB[change.verb, lang].format(field=field, old=old, new=new)


def field_in_words(path: tuple[str, ...], lang: str) -> str:
    """The name of a field: the term of a kind by itself, a fact under `when` by both."""
    *outer, last = path
    if last in ("zh", "en") and outer:
        return field_in_words(tuple(outer), lang) + _of(TERM_WORDS, last, lang)
    if not outer and last in KINDS:
        return last.replace("_", " ")
    told = _of(_words(path), last, lang)
    if outer and outer[-1] in _CONDITIONS:
        return _of(TERM_WORDS, outer[-1], lang) + (" · " if lang == "en" else "·") + told
    return told


def _words(path: tuple[str, ...]) -> Mapping[str, tuple[str, str]]:
    """The words for the last name of a path: facts under conditions, terms elsewhere."""
    return FACT_WORDS if len(path) > 1 and path[-2] in _CONDITIONS else TERM_WORDS


def count_word(count: str, lang: str) -> str:
    """What a count of past contacts counts."""
    return _of(COUNT_WORDS, count, lang)


def _of(words: Mapping[str, tuple[str, str]], name: str, lang: str) -> str:
    zh, en = words.get(name, (name, name.replace("_", " ")))
    return zh if lang == "zh" else en


def _value(path: tuple[str, ...], value: Any, lang: str, word: Word | None) -> str:
    if path[0] == "decision" and value in DECISION_WORDS:
        return _of(DECISION_WORDS, value, lang)
    if path[-1] in ("of", "after") and value in COUNTS:
        return _of(COUNT_WORDS, value, lang)
    if isinstance(value, str):
        return f"“{value}”"
    if isinstance(value, Mapping):
        inner = [((*path, str(name)), part) for name, part in value.items()]
        pairs = (f"{_of(_words(way), way[-1], lang)} {_value(way, part, lang, word)}" for way, part in inner)
        return ("；" if lang == "zh" else "; ").join(pairs) or _nothing(lang)
    if isinstance(value, list):
        if word and path[-1] in FACT_WORDS:
            return word(path[-1], value, lang)
        parts = (_item(path, part, lang, word) for part in value)
        return ("、" if lang == "zh" else ", ").join(parts) or _nothing(lang)
    if isinstance(value, bool):
        return {True: ("是", "yes"), False: ("否", "no")}[value][lang == "en"]
    return value.isoformat() if isinstance(value, date) else str(value)


def _item(path: tuple[str, ...], value: Any, lang: str, word: Word | None) -> str:
    if isinstance(value, Mapping):
        return "{" + _value(path, value, lang, word) + "}"
    if isinstance(value, str) and path[-1] in ("unless", "facts"):
        return _of(FACT_WORDS, value, lang)
    return str(value)


def _nothing(lang: str) -> str:
    return "无" if lang == "zh" else "none"


def _examples(change: Change, field: str, lang: str) -> str:
    """How many examples came and went; they are read in the rule itself."""
    old, new = change.old or [], change.new or []
    gone, come = sum(one not in new for one in old), sum(one not in old for one in new)
    if lang == "zh":
        return f"{field}：{come} 条新增或改写，{gone} 条删除或改写，现有 {len(new)} 条"
    return f"{field}: {come} new or rewritten, {gone} gone or rewritten, {len(new)} now"
