"""Turns of the request line around its path: methods, gaps, forms of the target, versions, lengths."""

from __future__ import annotations

import random
from dataclasses import replace

from tests.servers.draft import Draft, pick

__all__ = ["HOSTS", "gap", "long", "method", "target", "version"]

_METHODS = (
    b"POST", b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"TRACE", b"PROPFIND", b"REPORT", b"QUERY", b"SEARCH",
    b"COPY", b"LOCK", b"M-SEARCH", b"LINK", b"PURGE", b"SOURCE", b"CONNECT", b"PRI", b"BREW", b"FOO", b"get", b"Get",
    b"gET", b"GETT", b"GE", b"GET_", b"G E T", b"GET\x00", b"\xc7GET", b"-", b"", b"GET,GET", b"GET/", b"GET\t", b"HTTP",
    b"GET" * 12, b"post", b"Head",
)  # fmt: skip


def method(dice: random.Random, draft: Draft) -> Draft:
    return replace(draft, method=pick(dice, *_METHODS))


_GAPS = (
    b"  ", b"   ", b" " * 9, b"\t", b" \t", b"\t ", b"\t\t", b"\x0b", b" \x0c", b"\xa0", b" \xc2\xa0", b"\xe3\x80\x80",
    b" \r", b"\r", b" \x1f", b" \x00", b"+", b"%20", b" %20", b"\x1c", b" \x85",
)  # fmt: skip


def gap(dice: random.Random, draft: Draft) -> Draft:
    gap = pick(dice, *_GAPS[:8]) if dice.random() < 0.6 else pick(dice, *_GAPS)
    where = dice.randrange(6)
    if where == 0:
        return replace(draft, before=gap)
    if where == 1:
        return replace(draft, after=gap)
    if where == 2:
        return replace(draft, before=gap, after=pick(dice, *_GAPS[:8]))
    if where == 3:
        return replace(draft, trail=gap)
    if where == 4:
        return replace(
            draft, lead=pick(dice, b"\r\n", b"\r\n\r\n", b"\n", b" ", b"\t", b"\r", b"\x00", b"  ")
        )
    inside = dice.randrange(1, len(draft.path) + 1)
    return replace(
        draft,
        path=draft.path[:inside] + pick(dice, b" ", b"  ", b"\t", b"%20", b"+", b"%09") + draft.path[inside:],
    )


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
HOSTS = (
    b"shop.example.org", b"SHOP.example.ORG", b"shop.example.org:80", b"shop.example.org.", b"ann@shop.example.org",
    b"ann:pw@shop.example.org:8080", b"192.0.2.1", b"[2001:db8::1]", b"[2001:db8::1]:80", b"", b"a", b"my", b"h:0",
    b"shop.example.org:", b"shop%2eexample.org", b"other.example.org",
)  # fmt: skip


def target(dice: random.Random, draft: Draft) -> Draft:
    scheme, host = pick(dice, *_SCHEMES), pick(dice, *HOSTS)
    kind = dice.randrange(9)
    if kind < 3:
        scheme = pick(dice, *_SCHEMES[:4]) if dice.random() < 0.6 else scheme
        return replace(draft, prefix=scheme + b"://" + host)
    if kind == 3:
        return replace(draft, prefix=scheme + b":" + pick(dice, b"", b"/", b"\\\\", b"///", b"."))
    if kind == 4:
        return replace(draft, prefix=pick(dice, b"//", b"///", b"/\\", b"\\\\", b"////") + host)
    if kind == 5:
        return replace(draft, path=draft.path.lstrip(b"/"))
    if kind == 6:
        return replace(draft, prefix=host or b"h:1")
    if kind == 7:
        return replace(
            draft,
            prefix=pick(dice, b"*", b".", b"./", b"?", b"@", b":", b"~", b"..", b"\\", b"%2f", b"&", b"!"),
        )
    return replace(
        draft,
        prefix=pick(dice, b"http:/", b"http:////h", b"://", b":80", b"//h/..", b"http://h/..", b"http://h?"),
    )


_VERSIONS = (
    b"HTTP/1.0", b"HTTP/1.1", b"HTTP/1.2", b"HTTP/1.9", b"HTTP/1.01", b"HTTP/01.1", b"HTTP/1.10", b"HTTP/1", b"HTTP/1.", b"HTTP/2",
    b"HTTP/2.0", b"HTTP/0.9", b"HTTP/3.0", b"http/1.1", b"Http/1.1", b"HTTP/1.1a", b"HTTP/1,1", b"HTTP /1.1", b"HTTP/ 1.1",
    b"HTTP", b"HTTP/", b"HTTPS/1.1", b"XTTP/1.1", b"HTTP/1.1 x", b"HTTP/1.1 HTTP/1.1", b"HTTP/\xef\xbc\x91.1", b"HTTP/11",
    b"HTTP/1.1\x00", b"HTTP/1.1;a", b"RTSP/1.0", b"HTTP/1.999", b"HTTP/+1.1", b"HTTP/1.-1", b"SIP/2.0", b"ICAP/1.0",
)  # fmt: skip


def version(dice: random.Random, draft: Draft) -> Draft:
    kind = dice.randrange(6)
    if kind == 0:
        return replace(draft, version=b"", after=b"")
    if kind == 1:
        return replace(draft, version=b"", after=pick(dice, b" ", b"  ", b"\t"))
    if kind == 2:
        return replace(draft, version=b"HTTP/1.0", host=None if dice.random() < 0.5 else draft.host)
    return replace(draft, version=pick(dice, *_VERSIONS))


def long(dice: random.Random, draft: Draft) -> Draft:
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
