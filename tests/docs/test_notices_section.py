"""The tables of scores take a set of judged notices in one language alone."""

from __future__ import annotations

import json

from tools.generated import ROOT
from tools.notices_section import notices_section


def test_a_set_in_one_language_has_its_row_and_no_other() -> None:
    told = json.loads((ROOT / "docs/performance/notices-learnt-9.json").read_text(encoding="utf-8"))
    made = notices_section({"notices-across.json": {"learnt-9": told}, "notices-learnt-9.json": told})
    assert "| learnt-9 | English | 40 |" in made
    assert "Korean" not in made
    assert "Swahili" not in made
