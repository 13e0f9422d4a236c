"""Smoke tests: a prefix in Google Cloud Storage and one in Azure are listed and read, by the conventions of each cloud."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.objects.stand_in import serving

from whosaw.app.reading.lines import open_line
from whosaw.app.scan import scan
from whosaw.core.errors import WhosawError
from whosaw.ingest.files.discover import discover
from whosaw.store.repositories.contents import contents_in_force
from whosaw.store.workspace import Workspace

NOW = datetime(2026, 11, 28, tzinfo=UTC)
LINE = b'192.0.2.1 - - [%02d/Nov/2026:10:00:00 +0000] "GET /members/%d HTTP/1.1" 200 120 "-" "Mozilla/5.0"\n'
OBJECTS = {
    "in/access.log": b"".join(LINE % (2, n) for n in range(30)),
    "in/access.log.1.gz": gzip.compress(b"".join(LINE % (1, n) for n in range(30)), mtime=0),
    "other/access.log": LINE % (3, 1),
}


def google(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    account = folder / "account.json"
    told = {
        "gcs_base_url": url,
        "disable_oauth": True,
        "client_email": "",
        "private_key": "",
        "private_key_id": "",
    }
    account.write_text(json.dumps(told), encoding="utf-8")
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", str(account))
    return "gs://logs-of-shop/in/"


def azure(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "devstoreaccount1")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", base64.b64encode(b"key-of-the-tests-alone").decode())
    monkeypatch.setenv("AZURE_STORAGE_USE_EMULATOR", "true")
    monkeypatch.setenv("AZURITE_BLOB_STORAGE_URL", url)
    return "az://logs-of-shop/in/"


@pytest.mark.parametrize(
    ("cloud", "version"), [(google, "17"), (azure, "2026-11-28T10:00:00Z")], ids=["gs", "az"]
)
def test_a_prefix_is_listed_and_read(
    cloud: object, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(cloud)
    with serving(OBJECTS) as (url, asked):
        address = cloud(url, tmp_path, monkeypatch)
        report = scan([address], tmp_path / "w", now=NOW)
        assert [(each.name, each.lines) for each in report.contents] == [
            (f"{address}access.log.1.gz", 30), (f"{address}access.log", 30),
        ]  # fmt: skip
        assert sum("list" in each for each in asked) == 1
        workspace = Workspace.open(tmp_path / "w")
        try:
            row = next(each for each in contents_in_force(workspace.journal) if each.name.endswith(".log"))
            told = open_line(workspace, f"{row.digest}:7")
        finally:
            workspace.close()
        assert (told.text, told.version) == ((LINE % (2, 6)).rstrip(), version)


def test_a_store_that_is_busy_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(OBJECTS, busy=[503, 429, 500]) as (url, asked):
        address = google(url, tmp_path, monkeypatch)
        found = discover([address])
        assert len(found.contents) == 2
        assert len(asked) == 4


def test_without_credentials_of_google_one_line_says_where_they_belong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", str(tmp_path / "none.json"))
    with pytest.raises(WhosawError) as refused:
        scan(["gs://logs-of-shop/in/"], tmp_path / "w", now=NOW)
    assert str(refused.value) == (
        "gs://logs-of-shop: there are no credentials for Google Cloud Storage. "
        "Set GOOGLE_APPLICATION_CREDENTIALS, or run `gcloud auth application-default login`"
    )
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize("library", ["obstore", "botocore.session"])
def test_a_missing_library_is_one_clear_line(
    library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, library, None)
    with pytest.raises(WhosawError) as refused:
        scan(["s3://logs-of-shop/in/"], tmp_path / "w", now=NOW)
    assert str(refused.value) == (
        "logs in an object store need libraries that are not installed. pip install 'whosaw[cloud]'"
    )
