"""Which characters the fonts hold, read from the fonts themselves."""

import re
import struct
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

FONTS: Final = ("NotoSansSC-Regular.ttf", "NotoSans-Latin.ttf")
"""The font of everything, and the one for the letters of Europe it lacks (Ł, ő, ș)."""
_PLAIN: Final = frozenset("\n\t")
_UNPRINTED: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Characters that draw nothing, or would turn the text round: left out."""


@cache
def covered() -> frozenset[int]:
    """Every code point there is a glyph for."""
    folder = files("fairdue.papers") / "fonts"
    return frozenset(code for name in FONTS for code in _code_points((folder / name).read_bytes()))


def _code_points(data: bytes) -> Iterator[int]:
    """What the cmap table of a font names: runs of code points (format 12), or pairs of columns (format 4)."""
    places = {
        data[at : at + 4]: struct.unpack_from(">I", data, at + 8)[0]
        for at in range(12, 12 + 16 * struct.unpack_from(">H", data, 4)[0], 16)
    }
    cmap = places[b"cmap"]
    for n in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        start = cmap + struct.unpack_from(">I", data, cmap + 8 + 8 * n)[0]
        kind = struct.unpack_from(">H", data, start)[0]
        if kind == 12:
            for i in range(struct.unpack_from(">I", data, start + 12)[0]):
                first, last = struct.unpack_from(">II", data, start + 16 + 12 * i)
                yield from range(first, last + 1)
        elif kind == 4:
            half = struct.unpack_from(">H", data, start + 6)[0] // 2
            lasts = struct.unpack_from(f">{half}H", data, start + 14)
            firsts = struct.unpack_from(f">{half}H", data, start + 16 + 2 * half)
            for first, last in zip(firsts, lasts, strict=True):
                yield from range(first, last + 1 if last < 0xFFFF else last)


def uncovered(text: str) -> list[str]:
    """The characters of a text that the fonts cannot draw, each once, in order."""
    return list(dict.fromkeys(c for c in _UNPRINTED.sub("", text) if ord(c) not in covered() and c not in _PLAIN))


def shown(text: str) -> str:
    """The text with each character that the fonts lack as its code."""
    text = _UNPRINTED.sub("", text)
    return "".join(c if ord(c) in covered() or c in _PLAIN else f"[U+{ord(c):04X}]" for c in text)
