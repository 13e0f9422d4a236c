"""Clients of two lines and ways of reading get numbers for life, as those of segments do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from whosaw.store.files import ContentStore
from whosaw.store.numbers.check import history_faults, sealed_faults
from whosaw.store.numbers.further import number_digests, number_texts
from whosaw.store.numbers.history import load_history
from whosaw.store.numbers.texts import texts_of
from whosaw.store.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace.open(tmp_path / "ws", create=True)
    yield opened
    opened.close()


def test_ways_of_reading_keep_their_numbers(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    first = number_texts(workspace, "way", pa.array(["b", "a", "b", "c"])).tolist()
    order = sorted("abc", key=lambda text: workspace.vault.digest("way", text))
    assert first == [order.index(text) for text in "babc"]
    second = number_texts(workspace, "way", pa.array(["z", "c"])).tolist()
    assert second == [3, first[3]]
    history = load_history(workspace.journal, workspace.files)
    assert texts_of(workspace.files, history.texts["way"], np.array([3, *first])).to_pylist() == [
        "z",
        *"babc",
    ]
    assert [*history_faults(history), *sealed_faults(workspace, history)] == []
    monkeypatch.setattr(ContentStore, "put", None)  # nothing new: nothing is written
    assert number_texts(workspace, "way", pa.array(["z", "a"])).tolist() == [3, first[1]]
    assert number_texts(workspace, "agent", pa.array([], pa.string())).tolist() == []


def test_clients_of_two_lines_get_the_next_numbers(workspace: Workspace) -> None:
    digests = pa.array(
        [bytes([4, *bytes(15)]), bytes([9, *bytes(15)]), bytes([4, *bytes(15)])], pa.binary(16)
    )
    assert number_digests(workspace, "client", digests).tolist() == [0, 1, 0]
    assert number_digests(workspace, "client", digests.slice(1, 1)).tolist() == [1]
    history = load_history(workspace.journal, workspace.files)
    assert history.known["client"].digests(np.array([1])).tobytes() == digests[1].as_py()
    assert list(history_faults(history)) == []


def test_what_is_no_such_kind_is_refused(workspace: Workspace) -> None:
    with pytest.raises(ValueError, match="person"):
        number_texts(workspace, "person", pa.array(["a"]))
    for kind in ("way", "person"):  # a person has an identifier in the vault
        with pytest.raises(ValueError, match=kind):
            number_digests(workspace, kind, pa.array([bytes(16)], pa.binary(16)))
