"""Turns of the path: how its letters, slashes, dots and ends are written."""

from __future__ import annotations

import random
from dataclasses import replace

from tests.servers.draft import Draft, pick

__all__ = ["case", "dots", "odd_bytes", "parameter", "percent", "slash", "tail"]

_OVERLONG = {b"/": b"%c0%af", b".": b"%c0%ae", b"\\": b"%c1%9c"}


def _code(dice: random.Random, byte: bytes, *, wild: bool = True) -> bytes:
    """One byte in another spelling."""
    upper, lower = b"%%%02X" % byte[0], b"%%%02x" % byte[0]
    kind = dice.randrange(12 if wild else 4)
    if kind < 2:
        return upper
    if kind < 4:
        return lower
    if kind == 4:
        return b"%25" + upper[1:]
    if kind == 5:
        return b"%2525" + lower[1:]
    if kind == 6:
        return _OVERLONG.get(byte, b"%%c%d%%%02x" % (byte[0] >> 6, 0x80 | byte[0] & 0x3F))
    if kind == 7:
        return b"%%u%04x" % byte[0]
    if kind == 8:
        return b"%%%%%02x%%%02x" % (upper[1], upper[2])
    if kind == 9:
        return upper[:2]
    if kind == 10:
        return b"%%e0%%%02x%%%02x" % (0x80 | byte[0] >> 6, 0x80 | byte[0] & 0x3F)
    return b"\\x%02x" % byte[0]


def percent(dice: random.Random, draft: Draft) -> Draft:
    path = draft.path
    if not path:
        return draft
    kind = dice.randrange(5)
    if kind == 0:  # every byte but slashes
        path = b"".join(bytes([b]) if b in b"/%" else _code(dice, bytes([b]), wild=False) for b in path)
    elif kind == 1 and b"/" in path[1:]:  # one inner slash
        at = path.rindex(b"/")
        path = path[:at] + _code(dice, b"/") + path[at + 1 :]
    elif kind == 2 and draft.query:
        at = dice.randrange(len(draft.query))
        coded = _code(dice, draft.query[at : at + 1], wild=dice.random() < 0.4)
        return replace(draft, query=draft.query[:at] + coded + draft.query[at + 1 :])
    else:
        at = dice.randrange(len(path))
        path = path[:at] + _code(dice, path[at : at + 1], wild=dice.random() < 0.4) + path[at + 1 :]
    return replace(draft, path=path)


_SLASHES = (b"//", b"///", b"\\", b"%2f", b"%2F", b"%5c", b"%5C", b"/%2f", b"%2f/", b"\\/", b"/\\", b"%252f", b"\xe2\x88\x95",
            b"\xef\xbc\x8f", b":", b"|", b"//" * 20, b"/%5c")  # fmt: skip


def slash(dice: random.Random, draft: Draft) -> Draft:
    path = draft.path
    kind = dice.randrange(4)
    if kind == 0:
        return replace(
            draft, path=path + pick(dice, b"/", b"//", b"%2f", b"\\", b"%5c", b"/.", b"/./", b"/%2e", b"///")
        )
    if kind == 1:
        return replace(draft, path=pick(dice, b"/", b"//", b"/%2f", b"/\\", b"/%5c", b"\\", b"/.") + path)
    places = [at for at, byte in enumerate(path) if byte == 0x2F]
    if not places:
        return draft
    at = places[dice.randrange(len(places))] if kind == 2 else places[-1]
    return replace(draft, path=path[:at] + pick(dice, *_SLASHES) + path[at + 1 :])


_DOT = (b".", b".", b".", b"%2e", b"%2E", b"%252e", b"%c0%ae", b"\xef\xbc\x8e")
_SEP = (b"/", b"/", b"/", b"/", b"%2f", b"%2F", b"\\", b"%5c", b"//", b"/;/", b";/", b";a=b/", b"%252f")
_FOLDER = (
    b"a",
    b"my",
    b"x.y",
    b"static",
    b"%20",
    b"a;b",
    b"a%2fb",
    b"...",
    b"",
    b"account",
    b"customers",
    b"index.php",
    b"a%3f",
)


def dots(dice: random.Random, draft: Draft) -> Draft:
    path = draft.path
    places = [at for at, byte in enumerate(path) if byte == 0x2F] or [0]
    at = places[dice.randrange(len(places))]
    one, two = pick(dice, *_DOT), pick(dice, *_DOT) + pick(dice, *_DOT)
    open_, close = pick(dice, *_SEP), pick(dice, *_SEP)
    kind = dice.randrange(5)
    if kind == 0:
        piece = open_ + one
    elif kind in (1, 2):
        piece = open_ + pick(dice, *_FOLDER) + close + two
    elif kind == 3:
        piece = open_ + two
    else:
        return replace(draft, path=path + open_ + pick(dice, *_FOLDER) + close + two)
    return replace(draft, path=path[:at] + piece + path[at:])


_PARAMETERS = (
    b";", b";x", b";=b", b";a=b", b";a=b;c=d", b";%2f", b";jsessionid=0A", b"%3b", b"%3Bx=1", b";a=b/c", b";/..", b";a/",
    b";;", b";x.css", b";.png", b",a", b"!a", b"~", b"$", b"'", b"(s(x))", b":1", b"@", b"&a=b", b"=1", b";\xc3\xa9", b";a%3db",
)  # fmt: skip


def parameter(dice: random.Random, draft: Draft) -> Draft:
    path = draft.path
    ends = [at for at, byte in enumerate(path) if byte == 0x2F and at] + [len(path), len(path)]
    at = ends[dice.randrange(len(ends))]
    if dice.random() < 0.1:
        return replace(draft, path=b"/" + pick(dice, *_PARAMETERS) + path)
    if dice.random() < 0.1:
        return replace(
            draft,
            path=pick(dice, b"/a;/..", b"/..;", b"/a/..;", b"/.;", b"/;a=b/", b"/a/..;a=b", b"/;") + path,
        )
    return replace(draft, path=path[:at] + pick(dice, *_PARAMETERS) + path[at:])


_TAILS = (
    b".css", b".json", b".html", b".php", b".", b".png", b"/x", b"/x.css", b"/index.html", b"/edit", b"%00", b"%00.html", b"~",
    b"%0a", b"%0d%0a", b"%09", b"%20", b"/.css", b"/%20", b".bak", b"::$DATA", b"%3f", b"%3fa", b"%23", b"%23a", b"*", b"/*",
    b"_", b"-", b"+", b"%2b", b"\xcc\x81", b"%e2%80%8b", b".aspx/a", b"..", b"...", b"/...",
)  # fmt: skip
_FRAGMENTS = (b"#", b"#a", b"#/a", b"#?a=b", b"#/../x", b"##", b"#a b", b"#%20", b"#\xff")


def tail(dice: random.Random, draft: Draft) -> Draft:
    kind = dice.randrange(4)
    if kind == 0:
        return replace(draft, fragment=pick(dice, *_FRAGMENTS))
    if kind == 1:
        before = draft.path if dice.random() < 0.6 else b""
        return replace(draft, path=before + pick(dice, b"#", b"#a", b"%23") + (b"" if before else draft.path))
    if kind == 2:
        start = pick(
            dice, b"/index.php", b"/index.php/", b"/INDEX.php", b"/x.php", b"/a", b"/api", b"/cgi-bin", b"/~ann", b"/index.php/..",
            b"/en", b"/index.php?", b"/index.php/x/..", b"/index.html",
        )  # fmt: skip
        return replace(draft, path=start + draft.path)
    return replace(draft, path=draft.path + pick(dice, *_TAILS))


def case(dice: random.Random, draft: Draft) -> Draft:
    kind = dice.randrange(4)
    if kind == 0:
        return replace(draft, path=draft.path.upper())
    if kind == 1:
        return replace(draft, path=draft.path.title())
    letters = [at for at, byte in enumerate(draft.path) if chr(byte).isalpha()]
    for at in dice.sample(letters, min(len(letters), dice.randrange(1, 4))):
        draft = replace(
            draft, path=draft.path[:at] + draft.path[at : at + 1].swapcase() + draft.path[at + 1 :]
        )
    return draft


_WIDE = {ord(plain): chr(ord(plain) + 0xFEE0).encode() for plain in "myinfocustera0123456789/.?;"}
_BYTES = (
    b"\x00", b"\x01", b"\x07", b"\x08", b"\x0b", b"\x0c", b"\x1b", b"\x1f", b"\x7f", b"\x80", b"\x85", b"\xa0", b"\xff", b"\xfe",
    b"\xc3\xa9", b"\xc3", b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\xe2\x80\x8b", b"\xc2\xad", b"\xef\xbb\xbf", b"\xf0\x9f\x98\x80",
    b"\xcc\x81", b"\xe2\x80\xae", b'"', b"'", b"<", b">", b"`", b"{", b"}", b"^", b"|", b"\\", b"\n", b"\r\n", b"\r", b"\xc0\x80",
    b"%00", b"%0a", b"%0d", b"%ff", b"%c3%a9", b"%7f", b"%1c", b"%85", b"%ad", b"%c2%ad", b"%e2%80%8d", b"%22", b"%5c%22",
)  # fmt: skip


def odd_bytes(dice: random.Random, draft: Draft) -> Draft:
    piece = pick(dice, *_BYTES)
    kind = dice.randrange(5)
    if kind == 0:
        return replace(draft, query=(draft.query + b"&a=" if draft.query else b"a=") + piece)
    if kind == 1:
        return replace(draft, path=draft.path + piece)
    if kind == 2:
        letters = [at for at, byte in enumerate(draft.path) if byte in _WIDE]
        if not letters:
            return draft
        at = letters[dice.randrange(len(letters))]
        wide = _WIDE[draft.path[at]]
        wide = b"".join(b"%%%02x" % byte for byte in wide) if dice.random() < 0.5 else wide
        return replace(draft, path=draft.path[:at] + wide + draft.path[at + 1 :])
    at = dice.randrange(len(draft.path) + 1)
    return replace(draft, path=draft.path[:at] + piece + draft.path[at:])
