"""What a structured format says of its fields is checked in full before a line is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from whosaw.core.errors import FaultsError
from whosaw.ingest.format_item import load_format
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
