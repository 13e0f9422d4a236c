"""What the page on object stores shows is run on one, with the bucket that it names."""

from __future__ import annotations

import gzip
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.objects.s3_server import KEY, SECRET, Bucket
from tests.unit.cli.conftest import call
from tools import console

from whosaw.store.repositories.contents import contents_in_force
from whosaw.store.workspace import Workspace

PAGE = console.ROOT / "docs" / "howto" / "object-stores.md"
OBJECT = "AWSLogs/111122223333/elasticloadbalancing/eu-west-1/2026/11/02/alb.log.gz"


def given(client: object, log: bytes) -> None:
    """The bucket of the page: versions, a lock with a default, a lifecycle, and the log packed in its folder."""
    shop = Bucket(name="shop-logs", client=client)
    shop.client.create_bucket(Bucket=shop.name, ObjectLockEnabledForBucket=True)
    shop.client.put_object_lock_configuration(
        Bucket=shop.name,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 365}},
        },
    )
    rule = {"ID": "expire", "Status": "Enabled", "Filter": {"Prefix": "AWSLogs/"}, "Expiration": {"Days": 90}}
    shop.client.put_bucket_lifecycle_configuration(Bucket=shop.name, LifecycleConfiguration={"Rules": [rule]})
    shop.put(OBJECT, gzip.compress(log, mtime=0))


def test_the_steps_do_what_they_show(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = list(console.blocks(PAGE.read_text(encoding="utf-8")))
    (log,) = [each.text for each in blocks if each.mark == "file: alb.log"]
    shown = [each for each in blocks if "needs an object store" in each.mark]
    steps = [step for each in shown for step in console.commands(each.text)]
    assert len(steps) == 3
    given(bucket.client, log.encode())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("whosaw.cli.hold.now", lambda: datetime(2026, 11, 28, 12, tzinfo=UTC))
    for command, expected in steps:
        words = shlex.split(command)
        if "LOCATOR" in words:
            workspace = Workspace.open(tmp_path / "whosaw-data")
            (row,) = contents_in_force(workspace.journal)
            workspace.close()
            words[words.index("LOCATOR")] = f"{row.digest}:2"
        told = call(*words[1:])
        assert told.exit_code == 0, f"{command}\n{told.output}"
        assert console.matches(expected, told.output), f"{command}\n{told.output}"
        assert KEY not in told.output
        assert SECRET not in told.output
