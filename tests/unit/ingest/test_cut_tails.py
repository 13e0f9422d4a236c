"""A key=value tail that was cut in its last value still fits the format: half an id must not become somebody's."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.ingest.test_template import GOOD, column, parse

from whosaw.ingest.cut_tails import usual_last_key
from whosaw.ingest.lines import line_starts

WHOLE = [GOOD + b" sub=sklavin%d sid=s-%d jti=t-%d" % (n, n, n) for n in range(100)]


def text(lines: list[bytes]) -> bytes:
    return b"\n".join(lines) + b"\n"


def usual(lines: list[bytes]) -> str:
    return usual_last_key(text(lines), line_starts(text(lines)))


@pytest.mark.parametrize(
    ("tail", "read"),
    [
        (b" sub=skla", (None, None, None)),
        (b" sub=sklavin7", (None, None, None)),  # it may end here, and it may not
        (b" sub=sklavin7 sid=s-", ("sklavin7", None, None)),
        (b" sub=sklavin7 sid=", ("sklavin7", None, None)),
        (b"", (None, None, None)),
        # cut in its last value: its neighbours say nothing of how long that is
        (b" sub=sklavin7 sid=s-7 jti=t", ("sklavin7", "s-7", "t")),
        # in another order all is there
        (b" jti=t-7 sid=s-7 sub=sklavin7", ("sklavin7", "s-7", "t-7")),
    ],
)
@pytest.mark.parametrize("quote", [b"", b'"y"z'], ids=["fast", "slow"])
def test_the_value_in_which_a_line_was_cut_is_nobodys(tail: bytes, read: Any, quote: bytes) -> None:
    """The slow path reads the line where a quote stands in a quoted value that is not escaped."""
    line = GOOD.replace(b'"x"', b'"x%s"' % quote) + tail
    parsed = parse(text([*WHOLE, line]), "combined-kv")
    assert parsed.events.num_rows == 101
    assert tuple(column(parsed, name)[-1] for name in ("principal", "session", "token")) == read
    assert column(parsed, "principal")[:100] == [f"sklavin{n}" for n in range(100)]


def test_a_key_that_only_some_lines_have_is_not_missed() -> None:
    without = [GOOD + b" sub=ann%d" % n for n in range(5)]
    parsed = parse(text([*WHOLE, *without]), "combined-kv")
    assert column(parsed, "principal")[100:] == [f"ann{n}" for n in range(5)]


def test_what_nearly_all_lines_end_with() -> None:
    assert usual(WHOLE) == "jti"
    assert usual(WHOLE[:19]) == ""
    assert usual([*WHOLE, GOOD, GOOD]) == "jti"
    assert usual([*WHOLE, GOOD, GOOD, GOOD]) == ""
    assert usual([GOOD] * 50) == ""
    assert usual([GOOD + b' sub=1 note="a b=c"'] * 50) == "note"
