"""A legal hold over objects: what became of each, what the store itself keeps, and what its lifecycle would delete."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tests.objects.s3_server import Bucket

from whosaw.app.hold.orders import HoldStarted, check, start
from whosaw.app.scan import scan

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
UNTIL = datetime(2027, 6, 1, tzinfo=UTC)


def line(day: int, member: int) -> bytes:
    return (
        b'192.0.2.1 - - [%02d/Nov/2026:10:00:00 +0000] "GET /members/%d HTTP/1.1" 200 120 "-" "Mozilla/5.0"\n'
        % (
            day,
            member,
        )
    )


def held(bucket: Bucket, root: Path, paths: tuple[str, ...] = ()) -> HoldStarted:
    return start(root, paths or (bucket.address("in/"),), order="Order 12", at=NOW, now=NOW)


def test_what_is_overwritten_or_deleted_is_found_in_its_version_and_lost_with_it(
    bucket: Bucket, tmp_path: Path
) -> None:
    versions = {name: bucket.put(f"in/{name}.log", line(1, at)) for at, name in enumerate("abc")}
    begun = held(bucket, tmp_path / "w")
    assert (begun.hold.files, begun.holds[0].counts.same) == (3, 3)

    bucket.put("in/a.log", b"rewritten\n")
    bucket.client.delete_object(Bucket=bucket.name, Key="in/b.log")  # leaves a marker before the version
    (told,) = check(tmp_path / "w", now=NOW).holds
    assert (told.counts.same, told.counts.moved, told.lost) == (1, 2, ())
    assert [each.name_now for each in told.moved] == [
        f"{bucket.address(f'in/{name}.log')}?versionId={versions[name]}" for name in "ab"
    ]

    for name in "ab":
        bucket.client.delete_object(Bucket=bucket.name, Key=f"in/{name}.log", VersionId=versions[name])
    (told,) = check(tmp_path / "w", now=NOW).holds
    assert [(each.name, each.outcome) for each in told.lost] == [
        (bucket.address("in/a.log"), "changed"),
        (bucket.address("in/b.log"), "gone"),
    ]


def test_what_a_scan_read_is_held_where_no_path_is_named(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put("in/a.log", line(1, 1))
    scan([bucket.address("in/")], tmp_path / "w", now=NOW)
    begun = start(tmp_path / "w", (), order="Order 12", at=NOW, now=NOW)
    assert begun.roots == (bucket.address("in/"),)
    assert begun.holds[0].counts.same == 1


def test_locks_and_retention_of_the_store_are_told(bucket: Bucket, tmp_path: Path) -> None:
    client = bucket.client
    for name in "abcd":
        bucket.put(f"in/{name}.log", line(1, ord(name)))
    client.put_object_retention(
        Bucket=bucket.name, Key="in/a.log", Retention={"Mode": "COMPLIANCE", "RetainUntilDate": UNTIL}
    )
    client.put_object_legal_hold(Bucket=bucket.name, Key="in/b.log", LegalHold={"Status": "ON"})
    (told,) = held(bucket, tmp_path / "w").stores
    assert (told.bucket, told.versioning, told.lock) == (f"s3://{bucket.name}", "on", "on")
    assert (told.objects, told.legal_hold, told.retained, told.unprotected) == (4, 1, 1, 2)
    assert told.released_first == UNTIL
    assert (told.default_mode, told.cannot_tell, told.notes) == (None, 0, ())


def test_a_default_of_the_lock_is_told(bucket: Bucket, tmp_path: Path) -> None:
    bucket.client.put_object_lock_configuration(
        Bucket=bucket.name,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}},
        },
    )
    bucket.put("in/a.log", line(1, 1))
    (told,) = held(bucket, tmp_path / "w").stores
    assert (told.default_mode, told.default_days, told.retained) == ("GOVERNANCE", 30, 1)


def test_a_bucket_without_versions_and_lock_says_off(bucket: Bucket, tmp_path: Path) -> None:
    plain = Bucket(name=f"{bucket.name}-plain", client=bucket.client)
    plain.client.create_bucket(Bucket=plain.name)
    plain.client.put_object(Bucket=plain.name, Key="in/a.log", Body=line(1, 1))
    (told,) = held(plain, tmp_path / "w").stores
    assert (told.versioning, told.lock, told.unprotected, told.cannot_tell) == ("off", "off", 1, 0)


def test_the_lifecycle_of_the_bucket_is_asked_and_strikes_by_key(bucket: Bucket, tmp_path: Path) -> None:
    bucket.client.put_bucket_lifecycle_configuration(
        Bucket=bucket.name,
        LifecycleConfiguration={
            "Rules": [
                {"ID": "short", "Status": "Enabled", "Filter": {"Prefix": "in/"}, "Expiration": {"Days": 30}},
                {"ID": "other", "Status": "Enabled", "Filter": {"Prefix": "out/"}, "Expiration": {"Days": 1}},
            ]
        },
    )
    bucket.put("in/a.log", line(1, 1))
    rules = held(bucket, tmp_path / "w").settings
    by_place = {each.place: each for each in rules if each.kind == "s3-lifecycle"}
    short = by_place[f"lifecycle of s3://{bucket.name} [short]"]
    assert [each.name for each in short.strikes] == [bucket.address("in/a.log")]
    assert short.notes == ()
    assert not by_place[f"lifecycle of s3://{bucket.name} [other]"].applies
