"""The bench of small files measures both scans, and a second one of each."""

from __future__ import annotations

import json
from pathlib import Path

from bench.small_files import measure

from whosaw.store.contents import contents_in_force
from whosaw.store.workspace import journal_of


def test_each_command_is_measured_on_the_same_lines(tmp_path: Path) -> None:
    told = measure(tmp_path, files=4, lines=5, turns=1)
    assert min(told.start, told.one, told.many, told.one_again, told.many_again) > 0
    assert told.ratio == told.many / told.one
    assert json.loads(json.dumps(told.as_json()))["files"] == 4
    kept = {}
    for name in ("one", "many"):
        journal = journal_of(tmp_path / f"workspace-{name}")
        kept[name] = contents_in_force(journal)
        journal.close()
    assert [len(kept["one"]), len(kept["many"])] == [1, 4]
    assert sum(each.size for each in kept["one"]) == sum(each.size for each in kept["many"])
