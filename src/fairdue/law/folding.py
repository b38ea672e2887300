"""One text in the forms in which phrases are looked for, whatever was done to hide them; every place knows its origin.

Full width becomes half width, capitals small, traditional characters simplified, look-alike letters Latin; accents,
zero-width and control characters go. Then two views: in the Chinese one, blanks and ornaments between characters are
gone; in the English one, words are parted by one blank and letters spelled apart are words again.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

BREAKS: Final = ",.;!?:\n"
"""What ends a clause, after folding."""
SENTENCE_ENDS: Final = ".;!?\n"

_VARIANTS: Final = (
    "还還钱錢债債贷貸账賬账帳户戶银銀转轉汇匯给給个個员員机機关關会會将將让讓诉訴讼訟执執监監狱獄决決审審检檢"
    "经經侦偵师師单單领領导導板闆亲親妈媽儿兒学學邻鄰门門里裡里裏图圖脸臉丢丟闹鬧挂掛贴貼横橫发發开開传傳网網"
    "络絡电電话話号號码碼联聯系係系繫讯訊录錄纪紀记記征徵级級终終点點坏壞赖賴骗騙货貨贱賤废廢弃棄脑腦残殘滚滾"
    "杀殺断斷报報复復后後负負责責严嚴对對这這你妳们們为為为爲无無权權问問题題过過进進来來时時间間现現产產车車"
    "冻凍结結卖賣划劃没沒资資东東墙牆墙墻补補养養旧舊换換扫掃维維红紅宝寶费費额額减減优優别別边邊条條务務组組"
    "织織处處义義两兩万萬与與专專业業临臨举舉习習书書买買争爭仅僅从從价價众眾伤傷伪偽体體余餘佣傭倾傾偿償储儲"
    "兑兌党黨兴興内內册冊写寫军軍农農冲衝冲沖况況凭憑击擊创創办辦动動励勵劳勞势勢医醫华華协協却卻历歷厂廠厅廳"
    "压壓县縣参參双雙变變听聽启啟响響咨諮团團园園围圍国國块塊坚堅声聲够夠头頭奖獎妇婦娱娛宁寧实實宽寬尽盡层層"
    "岁歲币幣帮幫库庫应應异異张張强強当當总總怀懷态態恶惡惯慣惊驚愿願战戰扩擴扰擾担擔拟擬拥擁择擇挡擋据據损損"
    "摄攝数數术術杂雜极極构構标標样樣档檔欢歡毁毀毕畢气氣汉漢沟溝泄洩济濟润潤涨漲渐漸温溫满滿灾災灵靈烦煩热熱"
    "爱愛牵牽独獨环環画畫疗療疯瘋盖蓋盗盜确確碍礙礼禮祸禍离離种種积積称稱稳穩窃竊竞競笔筆签簽简簡类類纠糾约約"
    "纳納线線细細绝絕统統继繼续續缓緩编編缘緣缴繳罚罰职職胁脅胜勝脱脫节節范範荐薦药藥获獲营營虑慮虚虛虽雖装裝"
    "见見观觀规規视視觉覺计計订訂认認讨討训訓议議讲講许許论論设設访訪证證评評识識诈詐诊診试試诚誠询詢该該详詳"
    "误誤说說请請诺諾调調谁誰谅諒谈談谎謊谢謝谨謹财財败敗质質贪貪贫貧购購贵貴贼賊赌賭赎贖赔賠踪蹤轻輕载載辞辭"
    "达達迁遷运運远遠违違连連迟遲适適选選递遞遗遺释釋铁鐵锁鎖错錯长長闭閉阅閱队隊际際陈陳险險随隨隐隱难難雇僱"
    "项項顺順须須顾顧预預频頻风風飞飛饭飯马馬驱驅骂罵骚騷丑醜轰轟暂暫渎瀆诽誹谤謗绑綁绪緒驾駕驶駛缉緝毙斃抢搶"
    "夺奪讹訛赶趕紧緊迫廹胁脇恳懇"
    "凑湊则則删刪区區厉厲呗唄唤喚备備属屬带帶广廣归歸彻徹径徑惩懲拦攔晓曉楼樓泼潑滥濫爷爺瘪癟着著税稅穷窮窝窩耻恥肾腎诸諸谓謂辈輩邮郵"
    "铲鏟销銷颜顏喷噴"
)
"""Simplified and traditional in turn. Only what the word lists and their surroundings need; no dictionary."""
_ALIKE: Final = "aаeеoоpрcсyуxхiіkкmмtтhнbвsѕjјdԁaαeεoοpρiιvν"
"""Latin letters and what looks like them in other scripts, in turn."""
_ONE: Final = {
    **{_VARIANTS[i + 1]: _VARIANTS[i] for i in range(0, len(_VARIANTS), 2)},
    **{_ALIKE[i + 1]: _ALIKE[i] for i in range(0, len(_ALIKE), 2)},
    **dict(zip("。｡、﹑،‘’‛′`´“”„″「」『』«»‐‑‒–—―−\u3000", '..、、,\'\'\'\'\'\'""""""""""------- ', strict=True)),
    **dict.fromkeys("\r\x0b\x0c\x85\u2028\u2029", "\n"),
    "\n": "\n",
    "\t": " ",
}

_HAN: Final = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_NOISE: Final = rf"[^\w{re.escape(BREAKS)}]|_"
_GAPS: Final = re.compile(
    rf"(?<=[{_HAN}])(?:{_NOISE})+(?=[{_HAN}])|(?<=[{_HAN}]) +(?=[a-z0-9])|(?<=[a-z0-9]) +(?=[{_HAN}])"
)
_B: Final = re.escape(BREAKS)
_LONE: Final = re.compile(
    rf"(?:(?<=[{_B}][{_HAN}])|(?<=^[{_HAN}]))[{_B}](?=[{_HAN}])|(?<=[{_HAN}])[{_B}](?=[{_HAN}](?:[{_B}]|$))"
)
"""A break beside a character that stands alone: 坐，牢 is one word, 请坐，谢谢 is not."""
_BLANKS: Final = re.compile(r"\s+")
_SPELLED: Final = re.compile(r"(?<![a-z0-9])[a-z](?:([ .\-_*])[a-z](?:\1[a-z])+)(?![a-z0-9])")


class _Fold(dict[str, str]):
    """What one character becomes, worked out when first met."""

    def __missing__(self, char: str) -> str:
        found = _ONE.get(char)
        if found is None:
            found = "".join(_plain(c) for c in unicodedata.normalize("NFKD", char))
        self[char] = found
        return found


def _plain(char: str) -> str:
    if unicodedata.category(char) in {"Cf", "Cc", "Mn", "Me", "Cs", "Co", "Cn"}:
        return _ONE.get(char, "")
    small = char.lower()[0]
    return _ONE.get(char, _ONE.get(small, small))


_FOLD: Final = _Fold()


@dataclass(frozen=True)
class View:
    """A form of a text. `origin[i]`: the place in the text as written from which the i-th character comes."""

    text: str
    origin: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The places in the text as written, end exclusive."""
        return self.origin[start], self.origin[end - 1] + 1

    def clause(self, place: int) -> int:
        """Where the clause begins in which a place lies."""
        at = bisect_left(self._breaks, place)
        return self._breaks[at - 1] + 1 if at else 0

    def sentence(self, place: int) -> int:
        """Where the sentence begins in which a place lies."""
        at = bisect_left(self._ends, place)
        return self._ends[at - 1] + 1 if at else 0

    @cached_property
    def _breaks(self) -> list[int]:
        return [i for i, c in enumerate(self.text) if c in BREAKS]

    @cached_property
    def _ends(self) -> list[int]:
        return [i for i in self._breaks if self.text[i] in SENTENCE_ENDS]


@dataclass(frozen=True)
class Folded:
    """A text as written, and its forms."""

    written: str

    @cached_property
    def plain(self) -> View:
        """Character by character, nothing joined."""
        pieces = [_FOLD[c] for c in self.written]
        origin = [i for i, piece in enumerate(pieces) for _ in piece]
        return View("".join(pieces), origin)

    @cached_property
    def chinese(self) -> View:
        """Without blanks and ornaments between characters."""
        close = _without(self.plain, (m.span() for m in _GAPS.finditer(self.plain.text)))
        return _without(close, (m.span() for m in _LONE.finditer(close.text)))

    @cached_property
    def english(self) -> View:
        """One blank between words, a line's end only where a paragraph ends."""
        spaced = _spaced(self.plain)
        joints = (
            (place, place + 1) for m in _SPELLED.finditer(spaced.text) for place in range(m.start() + 1, m.end(), 2)
        )
        return _without(spaced, joints)


def fold(text: str) -> Folded:
    """A text made ready for looking."""
    return Folded(text)


def _without(view: View, spans: Iterator[tuple[int, int]]) -> View:
    text, origin, at = [], [], 0
    for start, end in spans:
        text.append(view.text[at:start])
        origin += view.origin[at:start]
        at = end
    if not at:
        return view
    return View("".join(text) + view.text[at:], origin + view.origin[at:])


def _spaced(view: View) -> View:
    text, origin, at = [], [], 0
    for blank in _BLANKS.finditer(view.text):
        text += [view.text[at : blank.start()], "\n" if blank[0].count("\n") > 1 else " "]
        origin += [*view.origin[at : blank.start()], view.origin[blank.start()]]
        at = blank.end()
    return View("".join(text) + view.text[at:], origin + view.origin[at:])
