"""Lifecycles of buckets and of indices, and journald. Dates by hand from their documentation."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from whosaw.logs.hold import SettingsRead, Target, read_settings

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
AT = datetime(2026, 11, 1, tzinfo=UTC)


def read(tmp_path: Path, document: Any, name: str = "settings.json") -> SettingsRead:
    path = tmp_path / name
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return read_settings([path])


def target(
    key: str = "logs/web/a.log", made: datetime = datetime(2026, 10, 1, 10, tzinfo=UTC), size: int = 10
) -> Target:
    path = f"/held/{key}"
    return Target(name=path, path=path, live=path, generation=0, size=size, modified=made, keys=(key,))


def lifecycle(**rule: Any) -> dict[str, Any]:
    return {"Rules": [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, **rule}]}


@pytest.mark.parametrize(
    ("rule", "day"),
    [
        ({"Expiration": {"Days": 60}}, date(2026, 12, 1)),  # 30 November at 10:00, rounded up to midnight
        ({"Expiration": {"Days": 10}}, date(2026, 11, 24)),  # due long ago: any day
        ({"Expiration": {"Date": "2027-02-03T00:00:00Z"}}, date(2027, 2, 3)),
        ({"Expiration": {"Days": 60}, "Filter": {"Prefix": "logs/"}}, date(2026, 12, 1)),
        ({"Expiration": {"Days": 60}, "Filter": {}, "Prefix": "logs/"}, date(2026, 12, 1)),
        (
            {"Expiration": {"Days": 60}, "Filter": {"And": {"Prefix": "logs/", "ObjectSizeGreaterThan": 5}}},
            date(2026, 12, 1),
        ),
    ],
)
def test_the_day_on_which_an_object_is_deleted(rule: dict[str, Any], day: date, tmp_path: Path) -> None:
    (made,) = read(tmp_path, lifecycle(**rule)).rules
    found = made.strike(target(), now=NOW)
    assert found is not None
    assert (found.day, found.by) == (day, "key")


def test_midnight_itself_is_not_rounded_up(tmp_path: Path) -> None:
    (made,) = read(tmp_path, lifecycle(Expiration={"Days": 60})).rules
    found = made.strike(target(made=datetime(2026, 10, 1, tzinfo=UTC)), now=NOW)
    assert found is not None
    assert found.day == date(2026, 11, 30)


@pytest.mark.parametrize(
    "rule",
    [
        {"Expiration": {"Days": 60}, "Status": "Disabled"},
        {"Expiration": {"Days": 60}, "Filter": {"Prefix": "other/"}},
        {"Expiration": {"Days": 60}, "Filter": {"ObjectSizeGreaterThan": 10}},
        {"Expiration": {"Days": 60}, "Filter": {"ObjectSizeLessThan": 10}},
        {"Expiration": {"ExpiredObjectDeleteMarker": True}},
        {"Transitions": [{"Days": 30, "StorageClass": "GLACIER"}]},
    ],
)
def test_rules_that_delete_no_such_object(rule: dict[str, Any], tmp_path: Path) -> None:
    (made,) = read(tmp_path, lifecycle(**rule)).rules
    assert made.strike(target(), now=NOW) is None


def test_a_tag_cannot_be_told_from_a_file(tmp_path: Path) -> None:
    tagged = lifecycle(
        Expiration={"Days": 60}, Filter={"And": {"Prefix": "logs/", "Tags": [{"Key": "keep", "Value": "no"}]}}
    )
    (made,) = read(tmp_path, tagged).rules
    found = made.strike(target(), now=NOW)
    assert found is not None
    assert (found.day, found.estimate) == (None, date(2026, 12, 1))
    assert "keep=no" in made.says


def test_old_versions_have_no_date(tmp_path: Path) -> None:
    (made,) = read(tmp_path, lifecycle(NoncurrentVersionExpiration={"NoncurrentDays": 30})).rules
    found = made.general(now=NOW, at=AT)
    assert found is not None
    assert found.day is None
    assert made.strike(target(), now=NOW) is None


def test_what_a_lifecycle_says_beyond_what_is_known_is_said(tmp_path: Path) -> None:
    (made,) = read(tmp_path, lifecycle(Expiration={"Days": 1}, Vanish={"Days": 2})).rules
    assert any("'Vanish' is not known" in note for note in made.notes)
    broken = read(tmp_path, {"Rules": [{"Status": "On"}]})
    assert not broken.rules
    assert "is not understood" in broken.notes[0]


def test_journald_tells_a_date_only_for_a_span(tmp_path: Path) -> None:
    text = "[Journal]\n#SystemMaxUse=\nMaxRetentionSec=1month 2days\nSystemMaxUse=2G\nFrob=1\n"
    found = read(tmp_path, text, "journald.conf")
    days = {rule.says.partition("=")[0]: rule.general(now=NOW, at=AT) for rule in found.rules}
    assert set(days) == {"MaxRetentionSec", "SystemMaxUse"}
    # 30.4375 + 2 days after 1 November
    assert days["MaxRetentionSec"] is not None
    assert days["MaxRetentionSec"].day == date(2026, 12, 3)
    assert days["SystemMaxUse"] is not None
    assert days["SystemMaxUse"].day is None
    assert "'Frob' is not known" in found.notes[0]


def test_journald_without_a_limit_still_has_one(tmp_path: Path) -> None:
    (rule,) = read(tmp_path, "[Journal]\nMaxRetentionSec=0\n", "journald.conf").rules
    assert "a tenth of the file system" in rule.says


@pytest.mark.parametrize(
    "document",
    [
        {"logs": {"version": 1, "policy": {"phases": {"delete": {"min_age": "30d", "actions": {"delete": {}}}}}}},
        {"policy": {"phases": {"hot": {}, "delete": {"min_age": "30d", "actions": {"delete": {}}}}}},
        {
            "policies": [
                {"_id": "logs", "policy": {"states": [
                    {"name": "hot", "actions": [], "transitions": [{"state_name": "gone", "conditions": {"min_index_age": "30d"}}]},
                    {"name": "gone", "actions": [{"delete": {}}], "transitions": []},
                ]}}
            ]
        },
    ],
    ids=["elasticsearch", "one policy", "opensearch"],
)  # fmt: skip
def test_an_index_policy_gives_an_estimate_from_the_order_on(document: Any, tmp_path: Path) -> None:
    (rule,) = read(tmp_path, document).rules
    found = rule.general(now=NOW, at=AT)
    assert found is not None
    assert (found.day, found.estimate) == (None, date(2026, 12, 1))


def test_an_index_policy_that_keeps_everything_has_no_rule(tmp_path: Path) -> None:
    assert not read(tmp_path, {"logs": {"policy": {"phases": {"hot": {}, "cold": {}}}}}).rules


def test_json_of_another_kind_and_a_missing_file_are_said(tmp_path: Path) -> None:
    assert "neither" in read(tmp_path, {"x": 1}).notes[0]
    assert "cannot be understood" in read(tmp_path, "{broken").notes[0]
    assert "cannot be read" in read_settings([tmp_path / "absent"]).notes[0]
