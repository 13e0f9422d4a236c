"""The grammar of spellings: how the request for one page may be written.

A **spelling** is a request as bytes. It begins as the plain request for one of three pages

    GET /my/info HTTP/1.1                 whose: the principal
    GET /customers/{id} HTTP/1.1          whose: a part of the path, an integer
    GET /account?id={id} HTTP/1.1         whose: a parameter of the query, an integer

and is changed by one to five **turns**, each drawn from a family:

    method     another method, lower and mixed case, words of no standard, none
    gap        spaces and tabs before, between and behind the parts of the request line; other line ends before it
    target     absolute form with any scheme, authority, user and port; opaque form; `//host`; no first slash; authority form
    percent    letters, slashes, dots encoded: once, twice, overlong, in either case, as UTF-16 (`%u002f`), broken
    slash      `/` for `\\`, `%2f`, `%5c`, doubled, leading, closing
    dots       `/./`, `/../` and folders to leave again, with each dot and each slash in any of their encodings
    parameter  `;`, `;x`, `;=b`, `;a=b`, `;%2f`, `%3b` in and behind each segment, and before dot segments
    tail       `#`, `%23`, `?` in all variants, further segments, suffixes, prefixes such as `/index.php`
    query      further, repeated, renamed and differently spelled parameters; `;` and `&` between them
    case       of letters of the path, of the names in the query
    version    other digits, blanks, lower case, none (HTTP/0.9)
    long       long queries, parameters, runs of slashes and dots
    bytes      control bytes, bytes from 0x80 on, overlong and wide characters, combining marks, soft hyphens
    header     override of method and of address, host in all forms, ranges, encodings, bodies
    id         007, +7, 7.0, 7e0, 0x7, 7abc, blanks, digits of other scripts
    text       quotes, backslashes, line feeds and wide characters in the agent and in the user's name

Nothing here knows what whosaw makes of a spelling. A family's turns are drawn evenly, families by weight. `Grammar(seed)`
gives the same spellings for the same seed; what a server served may be handed back, so that later spellings are turns of
ones that work there.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

__all__ = ["FAMILIES", "PAGES", "Draft", "Grammar"]

PAGES = ("my-info", "customer", "account")
_PLAIN = {
    "my-info": (b"/my/info", None),
    "customer": (b"/customers/%d", None),
    "account": (b"/account", b"id=%d"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A request in its parts, before it becomes bytes."""

    page: str
    id: bytes
    lead: bytes = b""
    method: bytes = b"GET"
    before: bytes = b" "
    prefix: bytes = b""
    path: bytes = b"/"
    query: bytes | None = None
    fragment: bytes = b""
    after: bytes = b" "
    version: bytes = b"HTTP/1.1"
    trail: bytes = b""
    host: bytes | None = b"shop.example.org"
    agent: bytes = b"fuzz/1.0"
    user: bytes = b"ann"
    headers: tuple[bytes, ...] = ()
    body: bytes = b""
    turns: tuple[str, ...] = ()

    def target(self) -> bytes:
        query = b"" if self.query is None else b"?" + self.query
        return self.prefix + self.path + query + self.fragment

    def line(self) -> bytes:
        return self.lead + self.method + self.before + self.target() + self.after + self.version + self.trail

    def request(self) -> bytes:
        """The bytes to send."""
        if not self.version and not self.after:  # HTTP/0.9: a line and nothing else
            return self.line() + b"\r\n"
        lines = [self.line()]
        if self.host is not None:
            lines.append(b"Host: " + self.host)
        lines.append(b"User-Agent: " + self.agent)
        lines.append(b"Authorization: Basic " + base64.b64encode(self.user + b":secret"))
        lines.append(b"Connection: close")
        lines += self.headers
        if self.body or self.method.upper() in (b"POST", b"PUT", b"PATCH"):
            lines.append(b"Content-Length: %d" % len(self.body))
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body


Turn = Callable[[random.Random, Draft], Draft]


def _pick(dice: random.Random, *choices: bytes) -> bytes:
    return choices[dice.randrange(len(choices))]


# --- method -----------------------------------------------------------------------------------------------------------

_METHODS = (
    b"POST", b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"TRACE", b"PROPFIND", b"REPORT", b"QUERY", b"SEARCH",
    b"COPY", b"LOCK", b"M-SEARCH", b"LINK", b"PURGE", b"SOURCE", b"CONNECT", b"PRI", b"BREW", b"FOO", b"get", b"Get",
    b"gET", b"GETT", b"GE", b"GET_", b"G E T", b"GET\x00", b"\xc7GET", b"-", b"", b"GET,GET", b"GET/", b"GET\t", b"HTTP",
    b"GET" * 12, b"post", b"Head",
)  # fmt: skip


def _method(dice: random.Random, draft: Draft) -> Draft:
    return replace(draft, method=_pick(dice, *_METHODS))


# --- gap --------------------------------------------------------------------------------------------------------------

_GAPS = (
    b"  ", b"   ", b" " * 9, b"\t", b" \t", b"\t ", b"\t\t", b"\x0b", b" \x0c", b"\xa0", b" \xc2\xa0", b"\xe3\x80\x80",
    b" \r", b"\r", b" \x1f", b" \x00", b"+", b"%20", b" %20", b"\x1c", b" \x85",
)  # fmt: skip


def _gap(dice: random.Random, draft: Draft) -> Draft:
    gap = _pick(dice, *_GAPS[:8]) if dice.random() < 0.6 else _pick(dice, *_GAPS)
    where = dice.randrange(6)
    if where == 0:
        return replace(draft, before=gap)
    if where == 1:
        return replace(draft, after=gap)
    if where == 2:
        return replace(draft, before=gap, after=_pick(dice, *_GAPS[:8]))
    if where == 3:
        return replace(draft, trail=gap)
    if where == 4:
        return replace(
            draft, lead=_pick(dice, b"\r\n", b"\r\n\r\n", b"\n", b" ", b"\t", b"\r", b"\x00", b"  ")
        )
    inside = dice.randrange(1, len(draft.path) + 1)
    return replace(
        draft,
        path=draft.path[:inside]
        + _pick(dice, b" ", b"  ", b"\t", b"%20", b"+", b"%09")
        + draft.path[inside:],
    )


# --- target -----------------------------------------------------------------------------------------------------------

_SCHEMES = (
    b"http",
    b"https",
    b"HTTP",
    b"hTTp",
    b"ftp",
    b"ws",
    b"file",
    b"mailto",
    b"javascript",
    b"a",
    b"x-y+z.1",
    b"",
)
_HOSTS = (
    b"shop.example.org", b"SHOP.example.ORG", b"shop.example.org:80", b"shop.example.org.", b"ann@shop.example.org",
    b"ann:pw@shop.example.org:8080", b"192.0.2.1", b"[2001:db8::1]", b"[2001:db8::1]:80", b"", b"a", b"my", b"h:0",
    b"shop.example.org:", b"shop%2eexample.org", b"other.example.org",
)  # fmt: skip


def _target(dice: random.Random, draft: Draft) -> Draft:
    scheme, host = _pick(dice, *_SCHEMES), _pick(dice, *_HOSTS)
    kind = dice.randrange(9)
    if kind < 3:
        scheme = _pick(dice, *_SCHEMES[:4]) if dice.random() < 0.6 else scheme
        return replace(draft, prefix=scheme + b"://" + host)
    if kind == 3:
        return replace(draft, prefix=scheme + b":" + _pick(dice, b"", b"/", b"\\\\", b"///", b"."))
    if kind == 4:
        return replace(draft, prefix=_pick(dice, b"//", b"///", b"/\\", b"\\\\", b"////") + host)
    if kind == 5:
        return replace(draft, path=draft.path.lstrip(b"/"))
    if kind == 6:
        return replace(draft, prefix=host or b"h:1")
    if kind == 7:
        return replace(
            draft,
            prefix=_pick(dice, b"*", b".", b"./", b"?", b"@", b":", b"~", b"..", b"\\", b"%2f", b"&", b"!"),
        )
    return replace(
        draft,
        prefix=_pick(dice, b"http:/", b"http:////h", b"://", b":80", b"//h/..", b"http://h/..", b"http://h?"),
    )


# --- percent ----------------------------------------------------------------------------------------------------------

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


def _percent(dice: random.Random, draft: Draft) -> Draft:
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


# --- slash ------------------------------------------------------------------------------------------------------------

_SLASHES = (b"//", b"///", b"\\", b"%2f", b"%2F", b"%5c", b"%5C", b"/%2f", b"%2f/", b"\\/", b"/\\", b"%252f", b"\xe2\x88\x95",
            b"\xef\xbc\x8f", b":", b"|", b"//" * 20, b"/%5c")  # fmt: skip


def _slash(dice: random.Random, draft: Draft) -> Draft:
    path = draft.path
    kind = dice.randrange(4)
    if kind == 0:
        return replace(
            draft, path=path + _pick(dice, b"/", b"//", b"%2f", b"\\", b"%5c", b"/.", b"/./", b"/%2e", b"///")
        )
    if kind == 1:
        return replace(draft, path=_pick(dice, b"/", b"//", b"/%2f", b"/\\", b"/%5c", b"\\", b"/.") + path)
    places = [at for at, byte in enumerate(path) if byte == 0x2F]
    if not places:
        return draft
    at = places[dice.randrange(len(places))] if kind == 2 else places[-1]
    return replace(draft, path=path[:at] + _pick(dice, *_SLASHES) + path[at + 1 :])


# --- dots -------------------------------------------------------------------------------------------------------------

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


def _dots(dice: random.Random, draft: Draft) -> Draft:
    path = draft.path
    places = [at for at, byte in enumerate(path) if byte == 0x2F] or [0]
    at = places[dice.randrange(len(places))]
    one, two = _pick(dice, *_DOT), _pick(dice, *_DOT) + _pick(dice, *_DOT)
    open_, close = _pick(dice, *_SEP), _pick(dice, *_SEP)
    kind = dice.randrange(5)
    if kind == 0:
        piece = open_ + one
    elif kind in (1, 2):
        piece = open_ + _pick(dice, *_FOLDER) + close + two
    elif kind == 3:
        piece = open_ + two
    else:
        return replace(draft, path=path + open_ + _pick(dice, *_FOLDER) + close + two)
    return replace(draft, path=path[:at] + piece + path[at:])


# --- parameter --------------------------------------------------------------------------------------------------------

_PARAMETERS = (
    b";", b";x", b";=b", b";a=b", b";a=b;c=d", b";%2f", b";jsessionid=0A", b"%3b", b"%3Bx=1", b";a=b/c", b";/..", b";a/",
    b";;", b";x.css", b";.png", b",a", b"!a", b"~", b"$", b"'", b"(s(x))", b":1", b"@", b"&a=b", b"=1", b";\xc3\xa9", b";a%3db",
)  # fmt: skip


def _parameter(dice: random.Random, draft: Draft) -> Draft:
    path = draft.path
    ends = [at for at, byte in enumerate(path) if byte == 0x2F and at] + [len(path), len(path)]
    at = ends[dice.randrange(len(ends))]
    if dice.random() < 0.1:
        return replace(draft, path=b"/" + _pick(dice, *_PARAMETERS) + path)
    if dice.random() < 0.1:
        return replace(
            draft,
            path=_pick(dice, b"/a;/..", b"/..;", b"/a/..;", b"/.;", b"/;a=b/", b"/a/..;a=b", b"/;") + path,
        )
    return replace(draft, path=path[:at] + _pick(dice, *_PARAMETERS) + path[at:])


# --- tail -------------------------------------------------------------------------------------------------------------

_TAILS = (
    b".css", b".json", b".html", b".php", b".", b".png", b"/x", b"/x.css", b"/index.html", b"/edit", b"%00", b"%00.html", b"~",
    b"%0a", b"%0d%0a", b"%09", b"%20", b"/.css", b"/%20", b".bak", b"::$DATA", b"%3f", b"%3fa", b"%23", b"%23a", b"*", b"/*",
    b"_", b"-", b"+", b"%2b", b"\xcc\x81", b"%e2%80%8b", b".aspx/a", b"..", b"...", b"/...",
)  # fmt: skip
_FRAGMENTS = (b"#", b"#a", b"#/a", b"#?a=b", b"#/../x", b"##", b"#a b", b"#%20", b"#\xff")


def _tail(dice: random.Random, draft: Draft) -> Draft:
    kind = dice.randrange(4)
    if kind == 0:
        return replace(draft, fragment=_pick(dice, *_FRAGMENTS))
    if kind == 1:
        before = draft.path if dice.random() < 0.6 else b""
        return replace(
            draft, path=before + _pick(dice, b"#", b"#a", b"%23") + (b"" if before else draft.path)
        )
    if kind == 2:
        start = _pick(
            dice, b"/index.php", b"/index.php/", b"/INDEX.php", b"/x.php", b"/a", b"/api", b"/cgi-bin", b"/~ann", b"/index.php/..",
            b"/en", b"/index.php?", b"/index.php/x/..", b"/index.html",
        )  # fmt: skip
        return replace(draft, path=start + draft.path)
    return replace(draft, path=draft.path + _pick(dice, *_TAILS))


# --- query ------------------------------------------------------------------------------------------------------------


def _query(dice: random.Random, draft: Draft) -> Draft:
    had, one = draft.query, draft.id
    extra = _pick(
        dice, b"a=b", b"a", b"", b"=", b"a=%00", b"a=b&", b"?", b"a?b", b"a=%26id%3d9", b"_method=GET", b"a=/../x", b"a=\xc3\xa9",
        b"a=b;c=d", b"a#", b"a=%", b"a[]=1", b"utf8=%e2%9c%93", b"a='", b'a="', b"a=b c", b"a=\\", b"a=<x>", b"a=http://h/x",
    )  # fmt: skip
    if draft.page != "account" or had is None:
        return replace(draft, query=extra if not had else had + b"&" + extra)
    other = _pick(
        dice,
        extra + b"&" + had, had + b"&" + extra, had + b";" + extra, extra + b";" + had, had.replace(b"id=", b"ID="),
        had.replace(b"id=", b"Id="), had.replace(b"id=", b"id%3d"), had.replace(b"id=", b"%69d="), had.replace(b"id=", b"id[]="),
        had.replace(b"id=", b"id[0]="), had.replace(b"id=", b" id="), had.replace(b"id=", b"+id="), had.replace(b"id=", b"id ="),
        b"id=9&" + had, had + b"&id=9", b"id=&" + had, had + b"&id=", b"id&" + had, had + b"&ID=9", b"&" + had, b"&&" + had + b"&&",
        b"?" + had, had + b"?", b"id=" + one + b"%26id=9", b"id==" + one, had.replace(b"id=", b"id%00="), had.replace(b"=", b"=%20"),
        b"id=%" + b"%02x" % one[:1][0] + one[1:], had.replace(b"id=", b"%49d="), had + b"#&id=9", b"id=" + one + b",9",
    )  # fmt: skip
    return replace(draft, query=other)


# --- case -------------------------------------------------------------------------------------------------------------


def _case(dice: random.Random, draft: Draft) -> Draft:
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


# --- version ----------------------------------------------------------------------------------------------------------

_VERSIONS = (
    b"HTTP/1.0", b"HTTP/1.1", b"HTTP/1.2", b"HTTP/1.9", b"HTTP/1.01", b"HTTP/01.1", b"HTTP/1.10", b"HTTP/1", b"HTTP/1.", b"HTTP/2",
    b"HTTP/2.0", b"HTTP/0.9", b"HTTP/3.0", b"http/1.1", b"Http/1.1", b"HTTP/1.1a", b"HTTP/1,1", b"HTTP /1.1", b"HTTP/ 1.1",
    b"HTTP", b"HTTP/", b"HTTPS/1.1", b"XTTP/1.1", b"HTTP/1.1 x", b"HTTP/1.1 HTTP/1.1", b"HTTP/\xef\xbc\x91.1", b"HTTP/11",
    b"HTTP/1.1\x00", b"HTTP/1.1;a", b"RTSP/1.0", b"HTTP/1.999", b"HTTP/+1.1", b"HTTP/1.-1", b"SIP/2.0", b"ICAP/1.0",
)  # fmt: skip


def _version(dice: random.Random, draft: Draft) -> Draft:
    kind = dice.randrange(6)
    if kind == 0:
        return replace(draft, version=b"", after=b"")
    if kind == 1:
        return replace(draft, version=b"", after=_pick(dice, b" ", b"  ", b"\t"))
    if kind == 2:
        return replace(draft, version=b"HTTP/1.0", host=None if dice.random() < 0.5 else draft.host)
    return replace(draft, version=_pick(dice, *_VERSIONS))


# --- long -------------------------------------------------------------------------------------------------------------


def _long(dice: random.Random, draft: Draft) -> Draft:
    length = dice.choice((300, 900, 1_020, 1_100, 2_100, 4_000, 8_000, 9_000))
    kind = dice.randrange(7)
    if kind == 0:
        return replace(draft, query=(draft.query or b"a=b") + b"&x=" + b"y" * length)
    if kind == 1:
        return replace(draft, path=b"/" * min(length, 2_000) + draft.path)
    if kind == 2:
        return replace(draft, path=b"/." * (min(length, 2_000) // 2) + draft.path)
    if kind == 3:
        return replace(draft, path=draft.path + b";a=" + b"b" * length)
    if kind == 4:
        return replace(draft, path=b"/a/.." * (min(length, 2_100) // 5) + draft.path)
    if kind == 5:
        return replace(draft, agent=b"z" * length)
    return replace(draft, query=b"x=" + b"%79" * (length // 3) + (b"&" + draft.query if draft.query else b""))


# --- bytes ------------------------------------------------------------------------------------------------------------

_WIDE = {ord(plain): chr(ord(plain) + 0xFEE0).encode() for plain in "myinfocustera0123456789/.?;"}
_BYTES = (
    b"\x00", b"\x01", b"\x07", b"\x08", b"\x0b", b"\x0c", b"\x1b", b"\x1f", b"\x7f", b"\x80", b"\x85", b"\xa0", b"\xff", b"\xfe",
    b"\xc3\xa9", b"\xc3", b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\xe2\x80\x8b", b"\xc2\xad", b"\xef\xbb\xbf", b"\xf0\x9f\x98\x80",
    b"\xcc\x81", b"\xe2\x80\xae", b'"', b"'", b"<", b">", b"`", b"{", b"}", b"^", b"|", b"\\", b"\n", b"\r\n", b"\r", b"\xc0\x80",
    b"%00", b"%0a", b"%0d", b"%ff", b"%c3%a9", b"%7f", b"%1c", b"%85", b"%ad", b"%c2%ad", b"%e2%80%8d", b"%22", b"%5c%22",
)  # fmt: skip


def _bytes(dice: random.Random, draft: Draft) -> Draft:
    piece = _pick(dice, *_BYTES)
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


# --- header -----------------------------------------------------------------------------------------------------------


def _header(dice: random.Random, draft: Draft) -> Draft:
    kind = dice.randrange(8)
    plain = _PLAIN[draft.page][0]
    if kind == 0:  # another method on the line, the page's own in a header
        name = _pick(
            dice, b"X-HTTP-Method-Override", b"X-HTTP-Method", b"X-Method-Override", b"x-http-method-override"
        )
        return replace(
            draft, method=_pick(dice, b"POST", b"GET", b"PUT"), headers=(*draft.headers, name + b": GET")
        )
    if kind == 1:  # another address on the line, the page's own in a header
        name = _pick(
            dice,
            b"X-Original-URL",
            b"X-Rewrite-URL",
            b"X-Forwarded-Uri",
            b"X-Original-URI",
            b"Script-Name",
            b"X-Script-Name",
        )
        where = plain.replace(b"%d", draft.id)
        if name.endswith(b"cript-Name"):
            return replace(
                draft, headers=(*draft.headers, name + b": " + _pick(dice, b"/my", b"/a", b"/customers"))
            )
        return replace(
            draft, path=_pick(dice, b"/", b"/a", draft.path), headers=(*draft.headers, name + b": " + where)
        )
    if kind == 2:
        return replace(draft, host=_pick(dice, *_HOSTS))
    if kind == 3:
        host = _pick(
            dice,
            b"shop.example.org\t",
            b" shop.example.org",
            b"h/my/info",
            b"h?a",
            b"h#",
            b"h\\x",
            b'"h"',
            b"h h",
            b"\xff",
            b"h,i",
        )
        return replace(draft, host=host)
    if kind == 4:
        more = _pick(
            dice, b"Range: bytes=0-", b"Range: bytes=0-200", b"If-None-Match: *", b"If-Modified-Since: x",
            b"Accept-Encoding: gzip", b"Expect: 100-continue", b"Upgrade: h2c", b'Referer: a"b', b"Referer: \\", b"Cookie: a=b",
            b"Transfer-Encoding: identity", b"TE: trailers", b"X-Forwarded-Host: a", b"X-Forwarded-Prefix: /a", b"Forwarded: host=a",
            b"Accept: text/css", b"Host: b", b"X-A: " + b"b" * 900, b" folded", b"X-Forwarded-Proto: https", b"Via: 1.1 a",
        )  # fmt: skip
        return replace(draft, headers=(*draft.headers, more))
    if kind == 5:
        body = _pick(dice, b"_method=GET", b"id=9", b"id=" + draft.id, b"{}", b"x")
        kind_ = b"Content-Type: application/x-www-form-urlencoded"
        return replace(draft, method=_pick(dice, b"POST", b"GET"), body=body, headers=(*draft.headers, kind_))
    if kind == 6:
        return replace(
            draft, headers=(*draft.headers, b"Transfer-Encoding: chunked"), method=b"POST", body=b"0\r\n\r\n"
        )
    return replace(draft, host=None)


# --- id ---------------------------------------------------------------------------------------------------------------


def _id(dice: random.Random, draft: Draft) -> Draft:
    if draft.page == "my-info":
        return _text(dice, draft)
    one = draft.id
    arabic = "".join(chr(0x0660 + int(digit)) for digit in one.decode() if digit.isdigit()).encode()
    wide = "".join(chr(0xFF10 + int(digit)) for digit in one.decode() if digit.isdigit()).encode()
    coded = lambda text: b"".join(b"%%%02x" % byte for byte in text)  # noqa: E731
    spelled = _pick(
        dice, b"0" + one, b"00" + one, b"+" + one, b"%2b" + one, one + b".0", one + b".", one + b"e0", b"0x%x" % int(one), one + b"abc",
        b"%20" + one, one + b"%20", one + b"%0a", one + b"%1c", one + b"%00", b"0" * 30 + one, coded(wide), coded(arabic), wide,
        one[:1] + b"_" + one[1:], one + b",1", b"-" + one, one + b"L", b"'" + one + b"'", b'"' + one + b'"', b"(" + one + b")",
        one + b"x%d" % dice.randrange(300), one + b"-ann", b"%09" + one, b"%c2%a0" + one, b"%e2%80%8b" + one, b"0o%o" % int(one),
        b"%" + b"%02x" % one[0] + one[1:], b"[" + one + b"]", one + b"%2f", one + b";a", one + b"?", b"1e1" if one == b"10" else one + b"E0",
        b"%%2b%%20%s" % one, one + b"%85", b"0b" + f"{int(one):b}".encode(), b"{" + one + b"}",
    )  # fmt: skip
    if draft.page == "customer":
        return replace(draft, path=spelled.join(draft.path.rsplit(one, 1)))
    return replace(draft, query=spelled.join((draft.query or b"").rsplit(one, 1)))


# --- text -------------------------------------------------------------------------------------------------------------

_TEXTS = (
    b'a "b" c', b'"', b'""', b"\\", b'\\"', b"a\\", b"a\tb", b"a'b", b"a]b [c", b"a\xc3\xa9", b"\xff\xfe", b"a - - [x]", b"", b"-", b" ",
    b"a\x1bb", b"a\x7fb", b"%s%n", b'" 200 5 "', b'x" 404 0 "-" "y', b"{a|b}", b"\xe2\x80\xa8", b"a\x01b", b'GET / HTTP/1.1" 404 1',
)  # fmt: skip
_USERS = (
    *_TEXTS,
    b"a\nb",
    b"a\r\nb",
    b"a b",
    b"ann lee",
    b"a\n\nb",
    b"#a",
    b"\n",
    b"a\x00b",
    b"a\x0bb",
    b"\n#",
    b"u" * 600,
)


def _text(dice: random.Random, draft: Draft) -> Draft:
    if dice.random() < 0.5:
        return replace(draft, agent=_pick(dice, *_TEXTS))
    return replace(draft, user=_pick(dice, *_USERS))


# by name, its weight and its turn
FAMILIES: dict[str, tuple[int, Turn]] = {
    "method": (6, _method), "gap": (8, _gap), "target": (8, _target), "percent": (10, _percent), "slash": (8, _slash),
    "dots": (9, _dots), "parameter": (9, _parameter), "tail": (8, _tail), "query": (6, _query), "case": (4, _case),
    "version": (5, _version), "long": (2, _long), "bytes": (8, _bytes), "header": (7, _header), "id": (9, _id), "text": (5, _text),
}  # fmt: skip
_NAMES = tuple(FAMILIES)
_WEIGHTS = tuple(weight for weight, _ in FAMILIES.values())
_TURNS = (1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5)
_PEOPLE = 40


@dataclass(slots=True)
class Grammar:
    """Spellings in a fixed order for a seed and for what was handed back as served."""

    seed: int
    pages: tuple[str, ...] = PAGES
    people: int = _PEOPLE
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    def plain(self) -> Draft:
        """The request as everybody writes it."""
        dice = self._dice
        page = self.pages[dice.randrange(len(self.pages))]
        one = b"%d" % dice.randrange(1, self.people + 1)
        path, query = _PLAIN[page]
        return Draft(
            page=page, id=one, path=path.replace(b"%d", one), query=query and query.replace(b"%d", one)
        )

    def turned(self, draft: Draft, turns: int) -> Draft:
        for _ in range(turns):
            name = self._dice.choices(_NAMES, _WEIGHTS)[0]
            changed = FAMILIES[name][1](self._dice, draft)
            draft = replace(changed, turns=(*draft.turns, name))
        return draft

    def fresh(self, count: int) -> list[Draft]:
        """Spellings made from plain requests."""
        return [self.turned(self.plain(), self._dice.choice(_TURNS)) for _ in range(count)]

    def further(self, served: list[Draft], count: int) -> list[Draft]:
        """Spellings that are one turn away from ones that this server served."""
        if not served:
            return self.fresh(count)
        return [self.turned(served[self._dice.randrange(len(served))], 1) for _ in range(count)]
