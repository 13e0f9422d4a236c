"""Items are refused with every fault in them, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from whosaw.actors import load_detectors, load_explanations
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
        (1, "id is 'other', and the file is named 'mine'"),
        (4, "technique must be an ATT&CK id such as T1213 or T1213.006"),
        (7, "explanations holds 'own-sesion'"),
        (11, "clause.0.group_by holds 'adress'"),
        (13, "'1w' is not a length of time such as 5m, 1h or 30d"),
        (13, "a window must be longer than nothing"),
        (13, "clause.0.persons.1h must be a whole number from 1 on, and is 0"),
        (14, "clause.0.confidence is 'sure'"),
        (15, "clause.0.agent_matches repeats without end something that already repeats without end"),
        (16, "clause.0.colour is not known here"),
        (19, "case.0.expect is 'maybe'"),
        (21, "case.0.view.0.at has no offset"),
        (1, "is not valid TOML: Illegal character '\\n'"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('why = "w"\nblind', "blind", "why is missing"),
        ('blind_spots = ["b"]', "blind_spots = 3", "blind_spots must be a list of texts, and is 3"),
        ("[[case]]", "[[cases]]", "case must be an array of tables, each under [[case]], and is a table"),
        ('kind = "persons"', 'kind = "canary"', "a canary detector needs canaries"),
        (
            "count = 2",
            "count = 9999999",
            "case.0.view.0.count must be a whole number from 1 to 250,000, and is 9999999",
        ),
        ('["address"]', '["client", "agent"]', "client already means all the others together"),
        ("{ 1h = 2 }", "{}", "persons names no window"),
        ('why = "w"\nblind', 'needs = ["stuff"]\nblind', "needs holds 'stuff', which is not a context table"),
        (
            'why = "w"\nblind',
            'needs = ["staff or subjects.smell"]\nblind',
            "needs holds 'subjects.smell', which is not a context table",
        ),
        ('kind = "persons"', 'kind = "surge"', "says is missing"),
        ('kind = "persons"', 'kind = "list"', "clause.0.pages is missing"),
        ("{ 1h = 2 }", "{ 1d = 2 }\nkind_of = 1", "clause.0.kind_of is not known here"),
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
