"""Logs are read where they lie: the same ledger as from a disk, each object as it was listed, and every line from its version."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.objects.s3_server import KEY, SECRET, Bucket

from whosaw.app.reading.file_state import verify
from whosaw.app.reading.lines import open_line
from whosaw.app.scan import ScanReport, scan
from whosaw.core.errors import WhosawError
from whosaw.ingest.files import object_stream
from whosaw.store.canonical import ledger_digest
from whosaw.store.objects.bucket import Bucket as OpenBucket
from whosaw.store.repositories.contents import contents_in_force
from whosaw.store.workspace import Workspace

pytestmark = pytest.mark.usefixtures("without_detection")

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def lines(day: int, many: int = 40, first: int = 0) -> bytes:
    return b"".join(
        b'192.0.2.%d - - [%02d/Nov/2026:10:%02d:%02d +0000] "GET /members/%d HTTP/1.1" 200 120 "-" "Mozilla/5.0"\n'
        % (n % 5 + 1, day, n // 60 % 60, n % 60, n)
        for n in range(first, first + many)
    )


LOGS = {
    "web/access.log": lines(4),
    "web/access.log.1": lines(3),
    "web/access.log.2.gz": gzip.compress(lines(1), mtime=0) + gzip.compress(lines(2), mtime=0),
    "api/2026/11/01/api.log": lines(1, first=500),
    "api/2026/11/02/api.log.gz": gzip.compress(lines(2, first=500), mtime=0),
    "office/people.log": b"\xff\xfe" + lines(5).decode().encode("utf-16-le"),
    "empty/nothing.log": b"",
}


def put(bucket: Bucket, logs: dict[str, bytes], below: str = "in/") -> None:
    for name, body in logs.items():
        bucket.put(below + name, body)


def written(folder: Path, logs: dict[str, bytes]) -> Path:
    for name, body in logs.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return folder


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """One vault key, so that digests of two workspaces can be compared."""
    path = tmp_path / "vault.key"
    Workspace.open(tmp_path / "first", key_file=path, create=True).close()
    return path


def scanned(root: Path, path: str, key_file: Path | None = None, **how: int) -> ScanReport:
    return scan([path], root, now=NOW, key_file=key_file, **how)


@pytest.fixture
def opened() -> Iterator[list[Workspace]]:
    held: list[Workspace] = []
    yield held
    for each in held:
        each.close()


def look(held: list[Workspace], root: Path, key_file: Path | None = None) -> Workspace:
    held.append(Workspace.open(root, key_file=key_file))
    return held[-1]


def everything_in(root: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file())


@pytest.mark.parametrize("window", [object_stream.WINDOW, 1_000])
def test_the_same_lines_give_the_same_ledger_from_a_disk_and_from_a_store(
    bucket: Bucket,
    tmp_path: Path,
    key_file: Path,
    opened: list[Workspace],
    monkeypatch: pytest.MonkeyPatch,
    window: int,
) -> None:
    monkeypatch.setattr(object_stream, "WINDOW", window)
    put(bucket, LOGS)
    of_store = scanned(tmp_path / "s", bucket.address("in/"), key_file)
    of_disk = scanned(tmp_path / "d", str(written(tmp_path / "in", LOGS)), key_file)
    assert [(each.source, each.lines, each.outcome) for each in of_store.contents] == [
        (each.source, each.lines, each.outcome) for each in of_disk.contents
    ]
    assert of_store.total("lines") == 280
    left, right = look(opened, tmp_path / "s", key_file), look(opened, tmp_path / "d", key_file)
    assert ledger_digest(left.root, left.journal) == ledger_digest(right.root, right.journal)


def test_only_what_is_new_is_read_again(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bucket, LOGS)
    scanned(tmp_path / "w", bucket.address("in/"))
    bucket.put("in/web/access.log.3", lines(6))
    fetched: list[str] = []
    fetch = OpenBucket.fetch

    def noted(self: OpenBucket, key: str, *args: int, **how: str) -> object:
        fetched.append(key)
        return fetch(self, key, *args, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(OpenBucket, "fetch", noted)
    again = scanned(tmp_path / "w", bucket.address("in/"))
    assert again.total("lines") == 40
    assert set(fetched) == {"in/web/access.log.3", "in/empty/nothing.log"}


def test_a_line_is_told_from_its_version_after_the_object_was_overwritten(
    bucket: Bucket, tmp_path: Path, opened: list[Workspace]
) -> None:
    version = bucket.put("in/access.log", lines(4))
    scanned(tmp_path / "w", bucket.address("in/"))
    bucket.put("in/access.log", b"rewritten\n")
    workspace = look(opened, tmp_path / "w")
    (row,) = contents_in_force(workspace.journal)
    told = open_line(workspace, f"{row.digest}:3")
    assert (told.text, told.version) == (lines(4).splitlines()[2], version)
    assert told.digest == row.digest
    assert [each.outcome for each in verify(workspace, now=NOW)] == ["same"]
    bucket.client.delete_object(Bucket=bucket.name, Key="in/access.log", VersionId=version)
    with pytest.raises(WhosawError, match="no longer there in this version") as refused:
        open_line(workspace, f"{row.digest}:3")
    assert refused.value.code == "line.cannot-read"
    assert [each.outcome for each in verify(workspace, now=NOW)] == ["gone"]


def test_an_object_that_changed_after_it_was_listed_is_refused_by_name(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bucket, {"a.log": lines(1), "b.log": lines(2)})
    listed = OpenBucket.pages

    def then_changed(self: OpenBucket, prefix: str, after: str | None = None) -> object:
        yield from list(listed(self, prefix, after))
        bucket.put("in/b.log", lines(3))

    monkeypatch.setattr(OpenBucket, "pages", then_changed)
    report = scanned(tmp_path / "w", bucket.address("in/"))
    told = {each.name: (each.lines, each.notes) for each in report.contents}
    assert told[bucket.address("in/a.log")][0] == 40
    assert told[bucket.address("in/b.log")] == (
        0,
        ("the object changed after it was listed (its ETag is another); scan again: 0 lines read before",),
    )
    monkeypatch.setattr(OpenBucket, "pages", listed)
    assert scanned(tmp_path / "w", bucket.address("in/")).total("lines") == 40


def test_an_object_that_changes_while_it_is_read_ends_there_and_is_read_anew_by_the_next_scan(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_stream, "WINDOW", 1_000)
    bucket.put("in/a.log", lines(1))
    fetch, times = OpenBucket.fetch, []

    def then_changed(self: OpenBucket, key: str, *args: int, **how: str) -> object:
        times.append(key)
        if len(times) == 3:
            bucket.put("in/a.log", lines(2))
        return fetch(self, key, *args, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(OpenBucket, "fetch", then_changed)
    (report,) = scanned(tmp_path / "w", bucket.address("in/"), chunk_bytes=500).contents
    assert 0 < report.lines < 40
    assert any("its ETag is another" in note for note in report.notes)
    monkeypatch.setattr(OpenBucket, "fetch", fetch)
    (again,) = scanned(tmp_path / "w", bucket.address("in/")).contents
    assert again.lines == 40


def test_a_network_that_dies_gives_one_clear_line_and_the_next_scan_goes_on(
    bucket: Bucket, tmp_path: Path, key_file: Path, opened: list[Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_stream, "WINDOW", 1_000)
    put(bucket, {"a.log": lines(1), "b.log": lines(2, many=200), "c.log": lines(3)})
    fetch = OpenBucket.fetch

    def dies(self: OpenBucket, key: str, start: int, *args: int, **how: str) -> object:
        if key == "in/b.log" and start > 9_000:
            raise self._told(
                ConnectionError("Generic S3 error: GET http://127.0.0.1:9/x after 8 retries"), key
            )
        return fetch(self, key, start, *args, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(OpenBucket, "fetch", dies)
    with pytest.raises(WhosawError) as refused:
        scanned(tmp_path / "w", bucket.address("in/"), key_file, chunk_bytes=1_500)
    assert refused.value.code == "objects.away"
    assert str(refused.value) == (
        f"{bucket.address('in/b.log')}: S3 at 127.0.0.1:9 does not answer after 9 tries; what was read before is kept. "
        "Check the network, then run the same command again: it goes on where it stopped"
    )
    monkeypatch.setattr(OpenBucket, "fetch", fetch)
    resumed = scanned(tmp_path / "w", bucket.address("in/"), key_file)
    assert 0 < resumed.total("lines") < 280
    scanned(tmp_path / "whole", bucket.address("in/"), key_file)
    left, right = look(opened, tmp_path / "w", key_file), look(opened, tmp_path / "whole", key_file)
    assert ledger_digest(left.root, left.journal) == ledger_digest(right.root, right.journal)


def test_ctrl_c_in_the_middle_loses_nothing(
    bucket: Bucket, tmp_path: Path, key_file: Path, opened: list[Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_stream, "WINDOW", 1_000)
    put(bucket, {"a.log": lines(1), "b.log": lines(2, many=200), "c.log.gz": gzip.compress(lines(3))})
    read = object_stream.ObjectStream.read

    def stopped(self: object_stream.ObjectStream, n: int) -> bytes:
        if self.facts.key == "in/b.log" and self.position > 9_000:
            raise KeyboardInterrupt
        return read(self, n)

    monkeypatch.setattr(object_stream.ObjectStream, "read", stopped)
    with pytest.raises(KeyboardInterrupt):
        scanned(tmp_path / "w", bucket.address("in/"), key_file, chunk_bytes=1_500)
    monkeypatch.setattr(object_stream.ObjectStream, "read", read)
    resumed = scanned(tmp_path / "w", bucket.address("in/"), key_file)
    assert 0 < resumed.total("lines") < 280
    scanned(tmp_path / "whole", bucket.address("in/"), key_file)
    left, right = look(opened, tmp_path / "w", key_file), look(opened, tmp_path / "whole", key_file)
    assert ledger_digest(left.root, left.journal) == ledger_digest(right.root, right.journal)


def test_a_store_without_an_answer_is_said_after_the_tries(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from whosaw.store.objects import bucket as opening

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(opening.Patience.__init__, "__kwdefaults__", {"retries": 1, "seconds": 5.0})
    with pytest.raises(WhosawError, match=r"S3 at 127\.0\.0\.1:9 does not answer after 2 tries"):
        scanned(tmp_path / "w", bucket.address("in/"))
    assert not (tmp_path / "w").exists()


def test_credentials_are_nowhere(bucket: Bucket, tmp_path: Path) -> None:
    put(bucket, LOGS)
    report = scanned(tmp_path / "w", bucket.address("in/"))
    kept = everything_in(tmp_path / "w")
    assert kept
    for word in (KEY, SECRET):
        assert word.encode() not in kept
        assert word not in repr(report)


def test_what_a_store_says_of_a_wrong_key_is_not_repeated() -> None:
    from whosaw.store.objects.address import ObjectAddress
    from whosaw.store.objects.faults import told

    class PermissionDeniedError(Exception):
        pass

    answer = (
        "Server returned non-2xx status code: 403 Forbidden: <Error><Code>SignatureDoesNotMatch</Code>"
        f"<AWSAccessKeyId>{KEY}</AWSAccessKeyId><StringToSign>{SECRET}</StringToSign></Error>"
    )
    error = told(PermissionDeniedError(answer), ObjectAddress(scheme="s3", bucket="logs", key="in/a.log"))
    assert isinstance(error, WhosawError)
    assert str(error).startswith(
        "s3://logs/in/a.log: the store refuses it (SignatureDoesNotMatch). It takes s3:ListBucket"
    )
    assert KEY not in str(error)
    assert SECRET not in str(error)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("s3://", "objects.address"),
        (f"s3://{KEY}:{SECRET}@bucket/in/", "objects.address"),
        ("s3://no-such-bucket-here/in/", "objects.no-bucket"),
        ("s3://{}/nothing/", "scan.no-such-path"),
        ("s3://{}/in/*.json", "scan.pattern-matches-nothing"),
    ],
)
def test_an_address_that_leads_nowhere_is_one_clear_line(
    bucket: Bucket, tmp_path: Path, address: str, code: str
) -> None:
    bucket.put("in/a.log", lines(1))
    with pytest.raises(WhosawError) as refused:
        scanned(tmp_path / "w", address.format(bucket.name))
    assert refused.value.code == code
    assert SECRET not in str(refused.value)
    assert not (tmp_path / "w").exists()


def test_one_object_patterns_and_what_is_passed_over(bucket: Bucket, tmp_path: Path) -> None:
    put(bucket, {**LOGS, ".hidden/a.log": lines(7), "old.tar.gz": b"x", "folder/": b""})
    one = scanned(tmp_path / "one", bucket.address("in/web/access.log"))
    assert [(each.name, each.source) for each in one.contents] == [
        (bucket.address("in/web/access.log"), "access.log")
    ]
    some = scanned(tmp_path / "some", bucket.address("in/*/access.log*"))
    assert [each.name.rpartition("/")[2] for each in some.contents] == [
        "access.log.2.gz", "access.log.1", "access.log",
    ]  # fmt: skip
    every = scanned(tmp_path / "every", bucket.address())
    assert dict(every.skipped) == {
        bucket.address("in/.hidden/a.log"): "hidden; name it to read it",
        bucket.address(
            "in/old.tar.gz"
        ): "an archive or table in an object store; copy it to a disk and scan it there",
    }


def test_what_is_taken_in_names_version_etag_and_size(
    bucket: Bucket, tmp_path: Path, opened: list[Workspace]
) -> None:
    version = bucket.put("in/a.log", lines(1))
    scanned(tmp_path / "w", bucket.address("in/"))
    (row,) = contents_in_force(look(opened, tmp_path / "w").journal)
    place = json.loads(row.place)
    head = bucket.client.head_object(Bucket=bucket.name, Key="in/a.log")
    assert place["stored"] == {
        "scheme": "s3", "bucket": bucket.name, "key": "in/a.log", "etag": head["ETag"], "version": version,
    }  # fmt: skip
    assert place["size"] == head["ContentLength"]
