"""The fonts that we carry are what their makers publish, with their licence, and all that a draft is set in."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import whosaw

DATA = Path(whosaw.__file__).parent / "data"
FOLDER = DATA / "fonts"
FONTS: list[dict[str, Any]] = tomllib.loads((FOLDER / "ORIGIN.toml").read_text(encoding="utf-8"))["font"]


def names(font: bytes) -> set[str]:
    """What the name table says in Windows's English (OpenType 1.9, `name`: platform 3, language 0x0409)."""
    number = int.from_bytes(font[4:6])
    entries = (font[12 + 16 * at : 28 + 16 * at] for at in range(number))
    start = next(int.from_bytes(each[8:12]) for each in entries if each[:4] == b"name")
    count, strings = (int.from_bytes(font[start + at : start + at + 2]) for at in (2, 4))
    found = set()
    for at in range(start + 6, start + 6 + 12 * count, 12):
        platform, _, language, _, size, offset = (
            int.from_bytes(font[at + 2 * each : at + 2 * each + 2]) for each in range(6)
        )
        if (platform, language) == (3, 0x0409):
            text = font[start + strings + offset : start + strings + offset + size]
            found.add(text.decode("utf-16-be"))
    return found


@pytest.mark.parametrize("told", FONTS, ids=lambda told: told["family"])
def test_a_font_is_the_one_that_its_makers_publish(told: dict[str, Any]) -> None:
    data = (FOLDER / told["file"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == told["sha256"]
    assert told["family"] in names(data)
    assert any(re.match(rf"Version {re.escape(told['version'])}\b", each) for each in names(data))
    licence = (FOLDER / told["licence_file"]).read_text(encoding="utf-8")
    assert told["licence"] == "OFL-1.1"
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert re.search(r"commit [0-9a-f]{40}\Z", told["source"])


def test_nothing_lies_there_that_has_no_origin() -> None:
    known = {name for told in FONTS for name in (told["file"], told["licence_file"])} | {"ORIGIN.toml"}
    assert {path.name for path in FOLDER.iterdir()} == known


def test_a_draft_is_set_in_these_and_no_others() -> None:
    template = (DATA / "report" / "draft.typ").read_text(encoding="utf-8")
    (families,) = re.findall(r"#set text\(font: \((.*?)\)", template)
    assert re.findall(r'"(.*?)"', families) == [told["family"] for told in FONTS]
