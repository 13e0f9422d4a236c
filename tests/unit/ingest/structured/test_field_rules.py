"""What a structured format says of its fields is checked in full before a line is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from whosaw.core.errors import FaultsError
from whosaw.core.instants import parse_zone
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.format_choice import choose_format
from whosaw.ingest.format_item import load_format, load_formats, shipped_formats
from whosaw.ingest.lines import count_lines
from whosaw.ingest.parser import Piece
from whosaw.ingest.structured.field_rules import Member, parse_path, read_rules
from whosaw.ingest.structured.json_lines import read_values


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[columns]", "where = 3\n[columns]", "where must be a table, and is 3"),
        ("[columns]", 'require = "a"\n[columns]', "require must be a list, and is 'a'"),
        ("[columns]", "absent = {}\n[columns]", "absent must be a text or a list of texts"),
        ("[columns]", 'duration_unit = ["s"]\n[columns]', "duration_unit must be a text, and is a list"),
        (
            "[columns]",
            'ok = [{ path = "s", between = ["a", "b"] }]\n[columns]',
            "between must be two whole numbers",
        ),
        (
            "[columns]",
            'ok = [{ path = "s", equals = ["x"], mising = "skip" }]\n[columns]',
            "ok.0.mising is not known here",
        ),
        ("[columns]", "ok = [3]\n[columns]", "ok must be an array of tables, each under [[ok]], and holds 3"),
        ("[columns]", "columnz = 3\n[columns]", "columnz is not known here"),
    ],
)
def test_what_a_format_says_of_its_fields_is_checked(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "mine.toml"
    text = (
        'id = "mine"\ntitle = "t"\nkind = "json"\nsource = "s"\nchecked = 2025-11-24\n'
        '[columns]\ntime = "t"\n[[case]]\nline = "{}"\nreject = "no-time"\n'
    )
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(FaultsError) as refused:
        read_rules(load_format(path), paths=True, extra=frozenset())
    assert [each.message for each in refused.value.faults] == [says]
    assert {each.code for each in refused.value.faults} == {"format.rules"}
    assert refused.value.faults[0].where.line == 6


def test_a_path_may_pick_a_member_of_a_list_by_a_value() -> None:
    path = parse_path("agent[requestor=true].who.reference")
    assert path == ("agent", Member(("requestor",), "true"), "who", "reference")
    line = '{"agent":[{"requestor":false,"who":{"reference":"app"}},{"requestor":true,"who":{"reference":"ann"}},{"requestor":true}]}'
    assert read_values(
        line, [path, parse_path("agent[requestor=maybe].who"), parse_path("agent[0].who.reference")]
    ) == ["ann", None, "app"]
    assert read_values('{"agent":{"requestor":true}}', [path]) == [None]


def test_the_value_may_stand_deeper_in_the_member() -> None:
    line = '{"entity":[{"role":{"code":"4"},"id":"o"},{"role":{"code":1},"id":"p"}]}'
    assert read_values(line, [parse_path("entity[role.code=1].id")]) == ["p"]


@pytest.mark.parametrize("text", ["[a=b].c", "a[=b]", "a[b=]", "a[b=c", "a.[b=c]"])
def test_a_path_that_picks_wrongly_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_path(text)


@pytest.mark.parametrize(
    ("order", "text", "wall"),
    [
        ("dmy", "03/04/2025 10:00:07", "2025-04-03T10:00:07"),
        ("mdy", "03/04/2025 10:00:07", "2025-03-04T10:00:07"),
        ("mdy", "3/4/2025, 2:05:11 PM", "2025-03-04T14:05:11"),
        ("dmy", "3-4-2025 12:05 AM", "2025-04-03T00:05:00"),
        ("dmy", "31/12/2025 10:00:07.25", "2025-12-31T10:00:07.250000"),
        ("mdy", "2025-03-04T10:00:07", "2025-03-04T10:00:07"),
        ("mdy", "31/12/2025 10:00:07", None),
    ],
)
def test_a_time_with_slashes_is_read_in_the_order_that_is_said(
    order: str, text: str, wall: str | None
) -> None:
    item = choose_format(f"csv:time={{at|{order}}},principal=who", load_formats([shipped_formats()]))
    data = f'at,who\n"{text}",ann\n'.encode()
    piece = Piece(data=data, lines=count_lines(data))
    parsed = build_parser(item, parse_zone("UTC"), None).parse(piece)
    found = [each.isoformat().removesuffix("+00:00") for each in parsed.events["time"].to_pylist()]
    assert (found, parsed.rejects.num_rows) == (([wall], 0) if wall else ([], 1))
