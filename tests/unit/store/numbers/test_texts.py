"""A text is found by its number, in whichever file it stands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.core.errors import WhosawError
from whosaw.store.files import ContentStore
from whosaw.store.numbers import texts as module
from whosaw.store.numbers.history import TextFile
from whosaw.store.numbers.texts import texts_of, with_texts


@settings(deadline=None, max_examples=examples(40))  # writes files
@given(
    st.lists(st.lists(st.text(max_size=4), max_size=12), max_size=6), st.data(), st.sampled_from([3, 131_072])
)
def test_texts_come_back_by_number(
    tmp_path_factory: pytest.TempPathFactory, commits: list[list[str]], data: st.DataObject, group: int
) -> None:
    store, files, all_of_them = (
        ContentStore(tmp_path_factory.mktemp("texts")),
        tuple[TextFile, ...](),
        list[str](),
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "ROW_GROUP", group)
        patched.setattr("whosaw.store.files.ROW_GROUP", group)
        for commit in commits:
            files = with_texts(store, files, len(all_of_them), pa.array(commit, pa.string()))
            all_of_them += commit
        most = max(len(all_of_them) - 1, 0)
        asked = data.draw(st.lists(st.integers(0, most), max_size=20)) if all_of_them else []
        found = texts_of(store, files, np.array(asked, np.int64)).to_pylist()
    assert found == [all_of_them[each] for each in asked]
    assert [each.first for each in files] == np.cumsum([0, *(each.rows for each in files)]).tolist()[:-1]


def test_new_texts_stand_behind_the_others_until_they_are_an_eighth(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    files = with_texts(store, (), 0, pa.array([f"agent {at}" for at in range(80)]))
    first = files[0]
    for at in range(80, 89):
        files = with_texts(store, files, at, pa.array([f"agent {at}"]))
    assert files[0] == first
    assert sum(each.rows for each in files) == 89
    for at in (89, 90):
        files = with_texts(store, files, at, pa.array([f"agent {at}"]))
    assert [(each.first, each.rows) for each in files] == [(0, 91)]


def test_a_number_without_a_text_and_a_file_that_is_gone_are_told(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    files = with_texts(store, (), 0, pa.array(["one"]))
    with pytest.raises(IndexError):
        texts_of(store, files, np.array([1]))
    store.path(files[0].file).unlink()
    with pytest.raises(WhosawError, match="is gone"):
        texts_of(store, files, np.array([0]))
