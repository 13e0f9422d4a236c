"""One object store for the tests of this folder, and a bucket of its own for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.objects import s3_server


@pytest.fixture(scope="session")
def store() -> Iterator[s3_server.Server]:
    with s3_server.started() as server:
        yield server


@pytest.fixture
def bucket(store: s3_server.Server, monkeypatch: pytest.MonkeyPatch) -> s3_server.Bucket:
    """A bucket, found by the environment alone."""
    for name, value in store.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    return store.bucket()
