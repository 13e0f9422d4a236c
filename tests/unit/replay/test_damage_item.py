"""Damage items: the shipped ones load, wrong ones name every fault and its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from whosaw.core.errors import FaultsError, WhosawError
from whosaw.replay.damage.item import KINDS, damage_names, load_damage
from whosaw.replay.damage.lost_month import LostMonth

HEAD = 'id = "own"\ntitle = "Own"\nabout = "A test."\n'


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def faults_of(path: Path) -> list[tuple[int | None, str]]:
    with pytest.raises(FaultsError) as caught:
        load_damage(path)
    assert all(fault.where.file == "own.toml" for fault in caught.value.faults)
    return [(fault.where.line, fault.message) for fault in caught.value.faults]


@pytest.mark.parametrize("name", damage_names())
def test_shipped_items_load_and_ids_are_file_names(name: str) -> None:
    item = load_damage(name)
    assert item.id == name
    assert item.title
    assert item.about


def test_shipped_items_use_every_kind() -> None:
    used = {each.kind for name in damage_names() for each in load_damage(name).damage}
    assert used == KINDS.keys()
    assert len(load_damage("rough").damage) > 5


def test_days_may_be_dates(tmp_path: Path) -> None:
    path = written(tmp_path, '[[damage]]\nkind = "lost-month"\nfrom_day = 2025-03-03\nto_day = 2025-04-03\n')
    assert load_damage(path).damage == (LostMonth(from_day=date(2025, 3, 3), to_day=date(2025, 4, 3)),)


@pytest.mark.parametrize(
    ("kind", "settings", "line", "message"),
    [
        ("lost-hours", "share = 1.5\nrun_hours = [1]", 6, "a share lies between 0 and 1"),
        ("lost-hours", "share = 0.5\nrun_hours = [0, 2]", 7, "not below 1"),
        ("lost-hours", "share = 0.5", 4, "damage.0.run_hours is missing"),
        ("lost-hours", "share = 0.5\nrun_hours = [1]\nservices = 3", 8, "damage.0.services must be a list"),
        ("lost-month", "from_day = -1\nto_day = 3", 6, "days count from 0"),
        ("lost-month", "from_day = 3\nto_day = 3", 7, "is not after from_day"),
        ("lost-month", "from_day = 3\nto_day = 2025-03-03", 7, "both be dates"),
        ("duplicated-lines", "share = -0.1", 6, "a share lies between 0 and 1"),
        ("delivered-again", "share = 0.1\nslice_share = 2", 7, "a share lies between 0 and 1"),
        ("torn-lines", "share = 0.1\njoined_share = 2", 7, "a share lies between 0 and 1"),
        ("skewed-clock", "seconds = 0", 6, "above or below 0"),
        ("skewed-clock", "seconds = 1.5", 6, "must be a whole number"),
        ("rotated-field", "from_day = 3", 4, "must name at least one field"),
        ("rotated-field", 'from_day = 3\nreplace = [["a"]]', 7, "pairs of texts"),
        ("rotated-field", 'from_day = 3\norder = ["a", "a"]', 7, "none twice"),
        (
            "deleted-after-hold",
            "hold_day = 3\ngone_share = 0.8\nshrunk_share = 0.8",
            8,
            "more than 1 together",
        ),
        ("missing-source", "services = []", 6, "at least one"),
        ("missing-page", "share = 1", 5, "damage.0.kind is 'missing-page'"),
    ],
)
def test_one_wrong_thing_is_named_with_its_line(
    tmp_path: Path, kind: str, settings: str, line: int, message: str
) -> None:
    ((at, told),) = faults_of(written(tmp_path, f'[[damage]]\nkind = "{kind}"\n{settings}\n'))
    assert message in told
    assert at == line


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    text = '[[damage]]\nkind = "torn-lines"\nshare = 2\n[[damage]]\nshare = 1\n[[damage]]\nkind = "lost"\n'
    faults = faults_of(written(tmp_path, text))
    assert [line for line, _ in faults] == [6, 7, 10]


def test_an_item_without_damage_is_refused(tmp_path: Path) -> None:
    assert faults_of(written(tmp_path, "damage = []\n")) == [(4, "damage is empty")]
    assert faults_of(written(tmp_path, "")) == [(None, "damage is missing")]


def test_an_unknown_name_is_refused_with_those_known() -> None:
    with pytest.raises(WhosawError, match="no damage is named 'lost-days'") as caught:
        load_damage("lost-days")
    assert "lost-hours" in caught.value.hint
