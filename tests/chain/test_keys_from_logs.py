"""Keys out of the log in which they are made: a deleted one is found in use, and one that is older than the log accuses nobody."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from whosaw.app.context_check import check_context_of
from whosaw.app.scan import scan

NOW = datetime(2025, 12, 1, tzinfo=UTC)
MAP = """
[[route]]
id = "member"
match = { method = "GET", path = "/member/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]
"""


def trail(name: str, at: str, key: str, *, made: bool) -> dict[str, object]:
    """A record of CloudTrail in which a key is made, or deleted."""
    answer = {"accessKey": {"userName": "sync", "accessKeyId": key, "status": "Active"}}
    return {
        "eventVersion": "1.08", "eventTime": at, "eventSource": "iam.amazonaws.com", "eventName": name, "recipientAccountId": "1",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::1:user/admin"},
        "requestParameters": {"userName": "sync"} | ({} if made else {"accessKeyId": key}),
        "responseElements": answer if made else None,
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Members looked at with three keys: one made and deleted on record, one made on record, one older than the record."""
    keys = [("AKIAGONE", "192.0.2.1"), ("AKIAHERE", "192.0.2.2"), ("AKIAOLD", "192.0.2.3")]
    lines = [
        {"time": f"2025-11-25T1{hour}:00:{n:02}Z", "remote_addr": address, "method": "GET", "path": f"/member/{place}{hour}{n}",
         "status": 200, "kid": key}
        for place, (key, address) in enumerate(keys) for hour in (0, 4) for n in range(3)
    ]  # fmt: skip
    (tmp_path / "app.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines))
    records = [
        trail("CreateAccessKey", "2025-11-20T00:00:00Z", "AKIAGONE", made=True),
        trail("CreateAccessKey", "2025-11-20T00:00:00Z", "AKIAHERE", made=True),
        trail("DeleteAccessKey", "2025-11-25T12:00:00Z", "AKIAGONE", made=False),
    ]
    (tmp_path / "trail.json").write_text(json.dumps({"Records": records}))
    (tmp_path / "map.toml").write_text(MAP)
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "context.toml").write_text(
        '[[from]]\nformat = "aws-access-keys"\nfiles = "../trail.json"\n'
    )
    return tmp_path


def crossed(folder: Path) -> dict[str, int]:
    """By clause of the detector how many people were seen at most."""
    report = scan(
        [str(folder / "app.jsonl")],
        folder / "ws",
        now=NOW,
        map_path=folder / "map.toml",
        context=folder / "context",
    )
    return {
        each.clause: each.most
        for one in report.findings
        for each in one.crossings
        if each.detector == "key-out-of-use"
    }


def test_a_key_that_the_log_deletes_is_found_in_use_and_an_older_one_is_not_unknown(folder: Path) -> None:
    """By hand: three people with the deleted key after its end."""
    assert crossed(folder) == {"retired-key": 3}
    told = check_context_of(folder / "ws", folder / "context", zone=None)
    assert [(each.system, dict(each.rows), each.other) for each in told.sources] == [
        ("aws-access-keys", {"keys": 2}, 0)
    ]


def test_the_same_keys_in_a_list_of_all_of_them_make_the_older_one_unknown(folder: Path) -> None:
    (folder / "context" / "context.toml").unlink()
    (folder / "context" / "keys.csv").write_text("key,made\nAKIAGONE,2025-11-20\nAKIAHERE,2025-11-20\n")
    assert crossed(folder) == {"unknown-key": 6}
    (folder / "context" / "keys.csv").write_text(
        "key,made,partial\nAKIAGONE,2025-11-20,yes\nAKIAHERE,2025-11-20,\n"
    )
    assert crossed(folder) == {}
