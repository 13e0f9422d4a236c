"""Turns of what a request says beside its path: the query, headers, the number of a person, names."""

from __future__ import annotations

import random
from dataclasses import replace

from tests.servers.draft import PLAIN, Draft, pick
from tests.servers.turns_of_line import HOSTS

__all__ = ["header", "id_", "query", "text"]


def query(dice: random.Random, draft: Draft) -> Draft:
    had, one = draft.query, draft.id
    extra = pick(
        dice, b"a=b", b"a", b"", b"=", b"a=%00", b"a=b&", b"?", b"a?b", b"a=%26id%3d9", b"_method=GET", b"a=/../x", b"a=\xc3\xa9",
        b"a=b;c=d", b"a#", b"a=%", b"a[]=1", b"utf8=%e2%9c%93", b"a='", b'a="', b"a=b c", b"a=\\", b"a=<x>", b"a=http://h/x",
    )  # fmt: skip
    if draft.page != "account" or had is None:
        return replace(draft, query=extra if not had else had + b"&" + extra)
    other = pick(
        dice,
        extra + b"&" + had, had + b"&" + extra, had + b";" + extra, extra + b";" + had, had.replace(b"id=", b"ID="),
        had.replace(b"id=", b"Id="), had.replace(b"id=", b"id%3d"), had.replace(b"id=", b"%69d="), had.replace(b"id=", b"id[]="),
        had.replace(b"id=", b"id[0]="), had.replace(b"id=", b" id="), had.replace(b"id=", b"+id="), had.replace(b"id=", b"id ="),
        b"id=9&" + had, had + b"&id=9", b"id=&" + had, had + b"&id=", b"id&" + had, had + b"&ID=9", b"&" + had, b"&&" + had + b"&&",
        b"?" + had, had + b"?", b"id=" + one + b"%26id=9", b"id==" + one, had.replace(b"id=", b"id%00="), had.replace(b"=", b"=%20"),
        b"id=%" + b"%02x" % one[:1][0] + one[1:], had.replace(b"id=", b"%49d="), had + b"#&id=9", b"id=" + one + b",9",
    )  # fmt: skip
    return replace(draft, query=other)


def header(dice: random.Random, draft: Draft) -> Draft:
    kind = dice.randrange(8)
    plain = PLAIN[draft.page][0]
    if kind == 0:  # another method on the line, the page's own in a header
        name = pick(
            dice, b"X-HTTP-Method-Override", b"X-HTTP-Method", b"X-Method-Override", b"x-http-method-override"
        )
        return replace(
            draft, method=pick(dice, b"POST", b"GET", b"PUT"), headers=(*draft.headers, name + b": GET")
        )
    if kind == 1:  # another address on the line, the page's own in a header
        name = pick(
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
                draft, headers=(*draft.headers, name + b": " + pick(dice, b"/my", b"/a", b"/customers"))
            )
        return replace(
            draft, path=pick(dice, b"/", b"/a", draft.path), headers=(*draft.headers, name + b": " + where)
        )
    if kind == 2:
        return replace(draft, host=pick(dice, *HOSTS))
    if kind == 3:
        host = pick(
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
        more = pick(
            dice, b"Range: bytes=0-", b"Range: bytes=0-200", b"If-None-Match: *", b"If-Modified-Since: x",
            b"Accept-Encoding: gzip", b"Expect: 100-continue", b"Upgrade: h2c", b'Referer: a"b', b"Referer: \\", b"Cookie: a=b",
            b"Transfer-Encoding: identity", b"TE: trailers", b"X-Forwarded-Host: a", b"X-Forwarded-Prefix: /a", b"Forwarded: host=a",
            b"Accept: text/css", b"Host: b", b"X-A: " + b"b" * 900, b" folded", b"X-Forwarded-Proto: https", b"Via: 1.1 a",
        )  # fmt: skip
        return replace(draft, headers=(*draft.headers, more))
    if kind == 5:
        body = pick(dice, b"_method=GET", b"id=9", b"id=" + draft.id, b"{}", b"x")
        kind_ = b"Content-Type: application/x-www-form-urlencoded"
        return replace(draft, method=pick(dice, b"POST", b"GET"), body=body, headers=(*draft.headers, kind_))
    if kind == 6:
        return replace(
            draft, headers=(*draft.headers, b"Transfer-Encoding: chunked"), method=b"POST", body=b"0\r\n\r\n"
        )
    return replace(draft, host=None)


def id_(dice: random.Random, draft: Draft) -> Draft:
    if draft.page == "my-info":
        return text(dice, draft)
    one = draft.id
    arabic = "".join(chr(0x0660 + int(digit)) for digit in one.decode() if digit.isdigit()).encode()
    wide = "".join(chr(0xFF10 + int(digit)) for digit in one.decode() if digit.isdigit()).encode()
    coded = lambda text: b"".join(b"%%%02x" % byte for byte in text)  # noqa: E731
    spelled = pick(
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


def text(dice: random.Random, draft: Draft) -> Draft:
    if dice.random() < 0.5:
        return replace(draft, agent=pick(dice, *_TEXTS))
    return replace(draft, user=pick(dice, *_USERS))
