"""JSON and other lines behind text: found, read with the time of the text, and drafted where nobody described what is inside."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from tests.wide import some

from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.detect_format import detect
from whosaw.ingest.drafts.propose import propose
from whosaw.ingest.format_choice import choose_format
from whosaw.ingest.format_item import load_formats, read_format, shipped_formats
from whosaw.ingest.lines import count_lines
from whosaw.ingest.parser import Parsed, Piece
from whosaw.ingest.text_wrapper import NO_TEXT, inside_of
from whosaw.packs.toml_file import parse_toml

FORMATS = load_formats([shipped_formats()])
PEOPLE = ("ann", "ben", "cho", "dee")
NAIROBI = ZoneInfo("Africa/Nairobi")


def context(n: int) -> str:
    return json.dumps(
        {"user_id": PEOPLE[n * 7 % 4], "ip": f"192.0.2.{n * 7 % 4}", "customer_id": 10_000 + n * 5 % 11}
    )


def request(n: int) -> str:
    return json.dumps(
        {
            "method": "GET",
            "path": f"/customers/{n}",
            "status": 200,
            "user": PEOPLE[n % 4],
            "ip": f"192.0.2.{n % 4}",
        }
    )


def clf(n: int) -> str:
    return f'192.0.2.{n % 4} - {PEOPLE[n % 4]} [01/Nov/2026:08:00:{n:02} +0000] "GET /customers/{n} HTTP/1.1" 200 5 "-" "curl/8"'


LOGS = {
    "laravel": (lambda n: f"[2026-11-01 11:00:{n:02}] production.INFO: Customer viewed {context(n)} ", "text:jsonl"),
    "symfony": (lambda n: f'[2026-11-01T08:00:{n:02}.000000+00:00] app.INFO: Customer viewed {context(n)} {{"uid":"{n}"}}', "text:jsonl"),
    "rails": (lambda n: f"I, [2026-11-01T11:00:{n:02}.000000 #12]  INFO -- : [8f0e{n:04}-1] {request(n)}", "text:jsonl"),
    "python": (lambda n: f"2026-11-01 11:00:{n:02},000 INFO access {context(n)}", "text:jsonl"),
    "spring": (lambda n: f"2026-11-01 11:00:{n:02}.000  INFO 1 --- [nio-8080-exec-{n % 3}] c.e.shop.Access : {context(n)}", "text:jsonl"),
    "heroku": (lambda n: f"2026-11-01T08:00:{n:02}.000000+00:00 app[web.1]: {request(n)}", "text:jsonl"),
    "journal": (lambda n: f"Nov 01 11:00:{n:02} web1 shop[881]: {context(n)}", "text:jsonl"),
    "compose": (lambda n: f"web-1  | {clf(n)}", "text:combined"),
    "kubectl": (lambda n: f"[pod/web-5d/nginx] 2026-11-01T08:00:{n:02}.123456789Z {clf(n)}", "text:combined"),
    "journal-iso": (lambda n: f"2026-11-01T11:00:{n:02}+0300 web1 nginx[7]: {clf(n)}", "syslog:combined"),
}  # fmt: skip


def text_of(name: str, lines: int = 40) -> bytes:
    return "".join(f"{LOGS[name][0](n)}\n" for n in range(lines)).encode()


def parsed(text: bytes, name: str, hint: datetime | None = None) -> Parsed:
    piece = Piece(data=text, lines=count_lines(text))
    return build_parser(choose_format(name, FORMATS), NAIROBI, hint).parse(piece).check(piece)


@pytest.mark.parametrize("name", some(list(LOGS), of=2))
def test_text_before_lines_of_another_format_is_known(name: str) -> None:
    hint = datetime(2026, 11, 2, tzinfo=UTC)
    best = detect(text_of(name), FORMATS, year_hint=hint)[0]
    assert (best.format_id, best.read, best.confidence) == (LOGS[name][1], 1.0, 1.0)
    events = parsed(text_of(name), best.format_id, hint).events
    assert events["time"].to_pylist() == [datetime(2026, 11, 1, 8, 0, n, tzinfo=UTC) for n in range(40)]
    assert set(events["principal"].to_pylist()) == set(PEOPLE)
    assert set(events["address"].to_pylist()) == {f"192.0.2.{n}" for n in range(4)}


def test_a_line_without_an_object_is_a_reject_with_its_number() -> None:
    lines = [
        LOGS["laravel"][0](0),
        "",
        "#0 /app/Stack.php(12): run()",
        LOGS["laravel"][0](1),
        "[2026-11-01 11:00:09] production.INFO: ready {not json}",
        request(1),
    ]
    found = parsed("".join(f"{line}\n" for line in lines).encode(), "text:jsonl")
    assert found.events["line"].to_pylist() == [1, 4]
    assert found.comments == 1
    told = {each["line"]: each["reason"] for each in found.rejects.to_pylist()}
    assert told == {3: NO_TEXT, 5: NO_TEXT, 6: "no time"}  # a bare object is read, and has no time here


def test_times_without_a_year_go_over_new_year() -> None:
    lines = [f"Dec 31 23:59:5{n} web1 shop[1]: {context(n)}" for n in range(3)] + [
        f"Jan  1 00:00:0{n} web1 shop[1]: {context(n)}" for n in range(3)
    ]
    found = parsed(
        "".join(f"{line}\n" for line in lines).encode(), "text:jsonl", datetime(2027, 1, 2, tzinfo=UTC)
    )
    assert [each.astimezone(NAIROBI).year for each in found.events["time"].to_pylist()] == [2026] * 3 + [
        2027
    ] * 3


def test_what_stands_around_an_object_is_named() -> None:
    (line,) = (
        inside_of(
            ['[2026-11-01 11:00:00] local.WARNING: Card {x} shown to [clerk] {"a":{"b":"}"}} {"uid":"7"}']
        )
        or ()
    )
    assert json.loads(line) == {
        "@before": {
            "time": "2026-11-01T11:00:00",
            "level": "WARNING",
            "tag": "clerk",
            "message": "Card {x} shown to",
        },
        "a": {"b": "}"},
        "@after": {"uid": "7"},
    }
    assert inside_of(["started", "port 80 {", "{}"]) is None


@pytest.mark.parametrize("wrapper", ["text", "cri", "docker"])
def test_what_nobody_described_is_drafted_where_it_stands(wrapper: str) -> None:
    """The draft loads, its cases hold, and it reads each line of the log that it was drafted from."""

    def line(n: int) -> str:
        inner = json.dumps(
            {
                "mtumiaji": PEOPLE[n * 7 % 4],
                "kifaa": f"192.0.2.{n * 7 % 4}",
                "kitendo": "kuona",
                "mteja": f"M-{10_000 + n * 5 % 11}",
            }
        )
        at = f"2026-11-01T08:00:{n:02}.000000000Z"
        if wrapper == "docker":
            return json.dumps({"log": f"{inner}\n", "stream": "stdout", "time": at}, separators=(",", ":"))
        return f"{at} stdout F {inner}" if wrapper == "cri" else f"[{at[:19]}] siri.INFO: {inner}"

    text = "".join(f"{line(n)}\n" for n in range(50)).encode()
    draft = propose([text], day=date(2026, 12, 1), id_="own")
    assert draft is not None
    assert {each.column: each.source for each in draft.columns} == {
        "time": "@before.time", "address": "kifaa", "principal": "mtumiaji", "action": "kitendo", "object": "mteja",
    }  # fmt: skip
    assert draft.option.startswith(f"{wrapper}:json:time=@before.time,")
    item = read_format(parse_toml(draft.text, name="own.toml"))
    assert item.wrapped == wrapper
    assert len(item.cases) == 2
    for case in item.cases:
        piece = Piece(data=case.text.encode(), lines=count_lines(case.text.encode()))
        made = build_parser(item, UTC, None).parse(piece)
        assert made.events.num_rows == len(case.expect)
        assert made.rejects["reason"].to_pylist() == list(case.rejects)
    best = detect(text, {**FORMATS, "own": item}, zone=NAIROBI)[0]
    assert (best.format_id, best.confidence) == ("own", 1.0)
    assert choose_format(draft.option, FORMATS).wrapped == wrapper
