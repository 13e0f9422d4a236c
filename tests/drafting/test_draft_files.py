"""Drafts are written all together or not at all, and a file that a person may have changed is not touched."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from whosaw.core.document import object_of
from whosaw.core.draft import Block, Draft
from whosaw.core.errors import WhosawError
from whosaw.report import draft_files
from whosaw.report.draft_files import DRAFT_FORMATS, write_drafts


def _draft(name: str = "shop-ke-odpc-en", text: str = "Seen by a stranger") -> Draft:
    return Draft(
        id=name,
        kind="filing",
        language="en",
        title="Report of a personal data breach",
        organisation="Duka la Mfano",
        recipient="ODPC",
        case="shop",
        scope_version=1,
        duties=("ke/authority",),
        opening=(Block(kind="text", text=text),),
    )


def test_each_draft_is_written_in_each_format_by_its_id(tmp_path: Path) -> None:
    folder = tmp_path / "out" / "drafts"
    paths = write_drafts([_draft("a"), _draft("b")], folder, ["json", "json"])
    assert paths == [folder / "a.json", folder / "b.json"]
    assert sorted(folder.iterdir()) == paths
    assert json.loads(paths[0].read_text(encoding="utf-8")) == object_of(_draft("a"))


def test_an_unknown_format_names_the_known_ones_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(WhosawError, match=r"odt.*Known: html, pdf, docx, txt, json"):
        write_drafts([_draft()], tmp_path / "out", ["json", "odt"])
    assert not (tmp_path / "out").exists()
    assert DRAFT_FORMATS == ("html", "pdf", "docx", "txt", "json")


def test_no_format_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WhosawError, match="no format is given"):
        write_drafts([_draft()], tmp_path, [])


def test_a_draft_that_was_changed_by_hand_stays(tmp_path: Path) -> None:
    (path,) = write_drafts([_draft()], tmp_path, ["json"])
    path.write_text("changed by hand", encoding="utf-8")
    with pytest.raises(WhosawError, match=r"perhaps changed by hand.*--replace"):
        write_drafts([_draft("new"), _draft()], tmp_path, ["json"])
    assert path.read_text(encoding="utf-8") == "changed by hand"
    assert list(tmp_path.iterdir()) == [path]
    write_drafts([_draft()], tmp_path, ["json"], replace=True)
    assert json.loads(path.read_text(encoding="utf-8")) == object_of(_draft())


def test_writing_the_same_again_is_no_conflict(tmp_path: Path) -> None:
    assert write_drafts([_draft()], tmp_path, ["json"]) == write_drafts([_draft()], tmp_path, ["json"])


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []

    def second_fails(descriptor: int) -> None:
        written.append(descriptor)
        if len(written) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", second_fails)
    with pytest.raises(WhosawError, match="No space left on device"):
        write_drafts([_draft("a"), _draft("b")], tmp_path, ["json"])
    assert list(tmp_path.iterdir()) == []


def test_a_renderer_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> bytes:
        raise WhosawError("draft.font", "a font is missing")

    monkeypatch.setitem(draft_files._WRITERS, "pdf", fails)  # type: ignore[index]
    with pytest.raises(WhosawError, match="a font is missing"):
        write_drafts([_draft()], tmp_path / "out", ["json", "pdf"])
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("", encoding="utf-8")
    with pytest.raises(WhosawError, match="could not be written"):
        write_drafts([_draft()], tmp_path / "out", ["json"])
