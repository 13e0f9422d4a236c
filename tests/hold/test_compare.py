"""What became of a held file, from what stands there now."""

from __future__ import annotations

import hashlib

import pytest

from whosaw.logs.hold import Checkpoint, HeldFile, Look, judge
from whosaw.logs.hold.held import held_from_json

TEXT = b"".join(b"line %04d\n" % number for number in range(100))  # 1,000 bytes


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


HELD = HeldFile(
    name="/logs/a.log", source="a.log", place="{}", size=1000, lines=100, digest=sha(TEXT), head=sha(TEXT[:100]),
    head_size=100, on_disk=1000, modified=0, first=5_000, last=9_000, hours={0: 100},
    checkpoints=(Checkpoint(end=400, lines=40, digest=sha(TEXT[:400])), Checkpoint(end=800, lines=80, digest=sha(TEXT[:800]))),
)  # fmt: skip


def look(data: bytes, *, elsewhere: str | None = None, first: int | None = None) -> Look:
    marks = [mark for mark in (100, 400, 800, 1000) if mark <= len(data)]
    read = data[:1000]
    return Look(
        there=True, size=len(read), lines=read.count(b"\n"), more=len(data) > 1000,
        digests={**{mark: sha(data[:mark]) for mark in marks}, len(read): sha(read)}, elsewhere=elsewhere, first=first,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("now", "outcome", "lines_lost", "from_byte"),
    [
        (look(TEXT), "same", 0, None),
        (look(TEXT + b"more\n"), "grown", 0, None),
        (look(TEXT[:900]), "shorter", 10, 800),
        (look(TEXT[:800]), "shorter", 20, 800),
        (look(b""), "shorter", 100, 0),
        (look(TEXT[:90], first=5_000), "shorter", 91, 0),
        (look(b"a new and short log\n", first=9_500), "gone", 100, None),  # never "80 lines are left"
        (look(b"a new and short log\n"), "changed", None, 0),
        (look(TEXT[:500] + b"X" + TEXT[501:]), "changed", None, 400),
        (look(TEXT[:300] + b"X" + TEXT[301:]), "changed", None, 0),
        (look(TEXT[:300] + b"X" + TEXT[301:900]), "changed", None, 0),  # shorter too, but not only
        (look(b"other\n" * 200, first=9_500), "gone", 100, None),  # a new log in its place
        (look(b"other\n" * 200, first=4_000), "changed", None, 0),
        (look(b"other\n" * 200), "changed", None, 0),  # which of the two cannot be told: it is said
        (look(b"other\n" * 200, elsewhere="/logs/a.log.1"), "moved", 0, None),
        (Look(there=False), "gone", 100, None),
        (Look(there=False, elsewhere="/logs/b.log"), "moved", 0, None),
        (Look(there=False, folder=False), "cannot-tell", None, None),
        (Look(there=True, trouble="permission denied"), "cannot-tell", None, None),
    ],
)
def test_outcomes(now: Look, outcome: str, lines_lost: int | None, from_byte: int | None) -> None:
    verdict = judge(HELD, now)
    assert (verdict.outcome, verdict.lines_lost, verdict.from_byte) == (outcome, lines_lost, from_byte)
    assert verdict.lost is (outcome in ("shorter", "changed", "gone"))
    assert verdict.why or outcome == "same"


def test_a_record_comes_back_as_it_was() -> None:
    assert held_from_json(HELD.as_json()) == HELD
