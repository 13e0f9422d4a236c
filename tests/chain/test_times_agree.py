"""Times of context tables and times of logs stand on different floors; the same text is the same instant in both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.actors import context_times
from whosaw.core.instants import format_instant, from_micros, parse_instant, to_micros
from whosaw.ingest.times import events
from whosaw.store.sql import Session

MICROS = st.integers(946_684_800_000_000, 4_102_444_800_000_000)  # 2000 to 2099
MINUTES = st.integers(-14 * 60, 14 * 60)


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(threads=1) as one:
        yield one


def both(session: Session, texts: list[str], zone: ZoneInfo | None = None) -> list[list[int | None]]:
    column = pa.array(texts, pa.string())
    context = context_times.read_times(session, column, zone, end=False).micros.to_pylist()
    log, _ = events.read_times(column, zone)
    told = zip(log.micros.tolist(), log.understood.tolist(), strict=True)
    return [context, [micros if good else None for micros, good in told]]


@settings(max_examples=examples(60), deadline=None)
@given(moments=st.lists(st.tuples(MICROS, MINUTES, st.sampled_from("T ")), min_size=1, max_size=8))
def test_a_time_with_an_offset(session: Session, moments: list[tuple[int, int, str]]) -> None:
    aware = [
        from_micros(micros).astimezone(timezone(timedelta(minutes=minutes))) for micros, minutes, _ in moments
    ]
    texts = [at.isoformat(between) for at, (_, _, between) in zip(aware, moments, strict=True)]
    instants = [micros for micros, _, _ in moments]
    assert both(session, texts) == [instants, instants]
    assert [to_micros(parse_instant(text)) for text in texts] == instants  # as a person gives it to an option
    written = [format_instant(at) for at in aware]
    assert both(session, written) == [instants, instants]


@settings(max_examples=examples(60), deadline=None)
@given(micros=MICROS, finer=st.integers(0, 999))
def test_a_number_since_1970(session: Session, micros: int, finer: int) -> None:
    texts = [
        str(micros // 1_000_000), str(micros // 1_000), str(micros), f"{micros}{finer:03d}",
        f"{micros // 1_000_000}.{micros % 1_000_000:06d}",
    ]  # fmt: skip
    second, thousandth = micros - micros % 1_000_000, micros - micros % 1_000
    instants = [second, thousandth, micros, micros, micros]
    assert both(session, texts) == [instants, instants]


@settings(max_examples=examples(40), deadline=None)
@given(micros=MICROS, zone=st.sampled_from(["Asia/Seoul", "Africa/Nairobi", "UTC"]))
def test_a_time_without_an_offset_in_a_stated_zone(session: Session, micros: int, zone: str) -> None:
    there = ZoneInfo(zone)
    text = from_micros(micros).astimezone(there).replace(tzinfo=None).isoformat(" ")
    assert both(session, [text], there) == [[micros], [micros]]
    assert both(session, [text]) == [[None], [None]]


def test_a_time_by_hand(session: Session) -> None:
    instants = [to_micros(datetime(2025, 11, 24, 1, 2, 3, tzinfo=UTC))] * 2
    texts = ["2025-11-24T10:02:03+09:00", "1763946123"]
    assert both(session, texts) == [instants, instants]
