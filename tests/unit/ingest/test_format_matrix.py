"""Every shipped JSON format beside every other, and beside applications that nobody knows: one odd line changes nothing.

log_kinds.py makes the logs."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from tests.unit.ingest.log_kinds import (
    ALL,
    ITEMS,
    LINES,
    PLACES,
    Make,
    address,
    alone,
    epoch,
    expected,
    iso,
    log,
)
from tests.wide import WIDE, some

from whosaw.ingest.detect_format import detect

TOGETHER = 4  # odd lines of so many kinds in one log: harder than one, and cheaper; one in twenty would be a second format
BESIDE = 23  # each kind meets one in so many others


@pytest.mark.parametrize("name", ALL)
def test_a_log_of_one_kind_is_found_and_understood(name: str) -> None:
    best = detect(log(ALL[name]), ITEMS)[0]
    assert (best.format_id, best.read, best.confidence) == (expected(name), 1.0, 1.0)


@pytest.mark.slow
@pytest.mark.parametrize("name", some(list(ALL), of=3))
def test_odd_lines_of_other_kinds_change_nothing_wherever_they_stand(name: str) -> None:
    """Kinds at even distances in the list, several in one log; under WHOSAW_WIDE every other kind alone, at each place."""
    names = list(ALL)
    at = names.index(name)
    wrong = []
    for odd, log_, least in (
        ((f"{other} at the {place}", log_, 0.98) for other, place, log_ in alone(name))
        if WIDE
        else _together(name, [names[(at + step) % len(names)] for step in range(1, len(names), BESIDE)])
    ):
        best = detect(log_, ITEMS)[0]
        if best.format_id != expected(name) or best.confidence < least:
            wrong.append((odd, best.format_id, best.confidence))
    assert wrong == []


def _together(name: str, others: list[str]) -> Iterator[tuple[str, bytes, float]]:
    for start in range(0, len(others), TOGETHER):
        odd = others[start : start + TOGETHER]
        mixed = [json.dumps(ALL[name](n)).encode() for n in range(LINES)]
        for turn, other in enumerate(odd):
            mixed.insert((start + turn * LINES // TOGETHER) % LINES, json.dumps(ALL[other](500)).encode())
        yield ", ".join(odd), b"\n".join(mixed) + b"\n", 0.96


@pytest.mark.parametrize(
    "odd",
    [b"out of memory", b"", b'{"time":', b'{"level":"error","msg":"disk full"}', b"[1]", b'{"a":1}{"a":2}'],
)
@pytest.mark.parametrize("place", PLACES)
def test_a_line_that_is_no_event_changes_nothing(odd: bytes, place: str) -> None:
    for name in ("caddy", "cloudtrail", "shop"):
        assert detect(log(ALL[name], odd, PLACES[place]), ITEMS)[0].format_id == expected(name)


def test_a_stretch_of_other_lines_at_the_head_of_a_long_log_changes_nothing() -> None:
    """The first thousand lines are messages; what follows are requests."""
    messages = b"".join(
        json.dumps({"ts": epoch(n), "level": "info", "logger": "tls", "msg": f"renewing {n}"}).encode()
        + b"\n"
        for n in range(1_500)
    )
    requests = log(ALL["caddy"]) * 200
    best = detect(messages + requests, ITEMS)[0]
    assert best.format_id == "caddy+jsonl"
    assert best.read == 1.0


ENVELOPES: dict[str, Make] = {
    "activity": lambda n: {"time": iso(n), "resourceId": "/SUBSCRIPTIONS/1", "operationNumber": 7, "properties": {"entity": f"u{n}", "peerAddress": address(n)}},
    "wrapped": lambda n: {"timestamp": iso(n), "insertId": f"i{n}", "protoBody": {"authInfo": {"mailAddress": "x"}, "meta": {"callerAddress": address(n)}}},
}  # fmt: skip


@pytest.mark.parametrize("name", ENVELOPES)
def test_an_envelope_that_is_not_understood_has_no_confidence(name: str) -> None:
    best = detect(log(ENVELOPES[name]), ITEMS)[0]
    assert (best.format_id, best.read, best.confidence) == ("jsonl", 1.0, 0.0)
