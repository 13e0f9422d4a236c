"""Items are refused with every fault in them, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from whosaw.actors import load_detectors, load_explanations
from whosaw.actors.detectors import GROUPINGS
from whosaw.core.errors import FaultsError

GOOD = """id = "{id}"
title = "t"
kind = "persons"
technique = "T1213"
why = "w"
blind_spots = ["b"]
explanations = ["own-session"]
[[clause]]
id = "c"
why = "w"
group_by = ["address"]
counts = "not-explained"
persons = {{ 1h = 2 }}
confidence = "low"
[[case]]
title = "two"
expect = "finding"
[[case.view]]
at = 2025-01-01T00:00:00Z
count = 2
person = "c{{n}}"
address = "192.0.2.1"
"""


def faults(folder: Path) -> list[tuple[int | None, str]]:
    with pytest.raises(FaultsError) as caught:
        load_detectors(load_explanations(), [folder])
    return [(fault.where.line, fault.message) for fault in caught.value.faults]


def test_a_good_item_loads(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(GOOD.format(id="mine"))
    detectors = load_detectors(load_explanations(), [tmp_path])
    assert detectors["mine"].clauses[0].windows[0].persons == 2


def test_every_fault_of_every_file_is_named_with_its_line(tmp_path: Path) -> None:
    bad = (
        GOOD.format(id="other")
        .replace('technique = "T1213"', 'technique = "collection"')
        .replace('["own-session"]', '["own-sesion"]')
        .replace('["address"]', '["adress"]')
        .replace("1h = 2", "1w = 2, 1h = 0")
        .replace('confidence = "low"', 'confidence = "sure"\nagent_matches = "(a+)+"\ncolour = 1')
        .replace('expect = "finding"', 'expect = "maybe"')
        .replace("2025-01-01T00:00:00Z", "2025-01-01T00:00:00")
    )
    (tmp_path / "mine.toml").write_text(bad)
    (tmp_path / "torn.toml").write_text('id = "torn\n')
    assert faults(tmp_path) == [
        (1, "id is 'other' but the file is named 'mine'"),
        (4, "technique must be an ATT&CK id such as T1213 or T1213.006"),
        (
            7,
            f"explanations holds 'own-sesion', which is not one of {', '.join(load_explanations())}",
        ),
        (
            11,
            f"group_by holds 'adress', which is not one of {', '.join(GROUPINGS)}",
        ),
        (13, "'1w' is not a length of time such as 5m, 1h or 30d"),
        (13, "1h must be at least 1"),
        (13, "a window must be longer than nothing"),
        (14, "confidence must be one of low, medium, high"),
        (15, "agent_matches repeats without end something that already repeats without end"),
        (16, "colour is not known here"),
        (19, "expect must be one of finding, none, cannot tell"),
        (21, "at has no offset"),
        (1, "is not valid TOML: Illegal character '\\n'"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('why = "w"\nblind', "blind", "why is missing"),
        ('blind_spots = ["b"]', "blind_spots = 3", "blind_spots must be a list of texts"),
        ("[[case]]", "[[cases]]", "case must be an array of tables"),
        ('kind = "persons"', 'kind = "canary"', "a canary detector needs canaries"),
        ("count = 2", "count = 9999999", "count is more than 250,000"),
        ('["address"]', '["client", "agent"]', "client already means all the others together"),
        ("{ 1h = 2 }", "{}", "persons names no window"),
        ('why = "w"\nblind', 'needs = ["stuff"]\nblind', "needs holds 'stuff', which is not a context table"),
        (
            'why = "w"\nblind',
            'needs = ["staff or subjects.smell"]\nblind',
            "needs holds 'subjects.smell', which is not a context table",
        ),
        ('kind = "persons"', 'kind = "surge"', "says is missing"),
        ('kind = "persons"', 'kind = "list"', "pages is missing"),
        ("{ 1h = 2 }", "{ 1d = 2 }\nkind_of = 1", "kind_of is not known here"),
    ],
)
def test_each_rule_of_an_item_is_checked(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = GOOD.format(id="mine")
    assert old in text
    (tmp_path / "mine.toml").write_text(text.replace(old, new))
    assert message in [said for _, said in faults(tmp_path)]


def test_a_surge_is_counted_by_the_hour(tmp_path: Path) -> None:
    text = GOOD.format(id="mine").replace('kind = "persons"', 'kind = "surge"\nsays = "in one hour"')
    (tmp_path / "mine.toml").write_text(text)
    assert load_detectors(load_explanations(), [tmp_path])["mine"].says == "in one hour"
    (tmp_path / "mine.toml").write_text(text.replace("1h = 2", "1d = 2"))
    assert faults(tmp_path) == [(14, "a surge is counted by the hour: persons must name 1h alone")]


def test_an_id_defined_in_two_folders_is_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.toml").write_text(GOOD.format(id="mine"))
    with pytest.raises(FaultsError) as caught:
        load_detectors(load_explanations(), [tmp_path / "a", tmp_path / "b"])
    assert "already defined" in str(caught.value)
