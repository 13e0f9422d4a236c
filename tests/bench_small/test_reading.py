"""The bench of reading scans the same lines in each way, and each once more with nothing new."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from bench.reading import Taken, measure, plain, small_files
from tests.wide import wide
from tools.reading_section import reading_section

from whosaw.store.repositories.contents import contents_in_force
from whosaw.store.workspace import journal_of


@wide
def test_many_small_files_are_measured_on_the_lines_of_one(tmp_path: Path) -> None:
    taken = small_files(tmp_path, files=4, lines=5, turns=1)
    assert set(taken) == {"start", "one", "many", "one_again", "many_again"}
    assert min(each.processor for each in taken.values()) > 0
    kept = {}
    for name in ("one", "many"):
        journal = journal_of(tmp_path / f"workspace-{name}")
        kept[name] = contents_in_force(journal)
        journal.close()
    assert [len(kept["one"]), len(kept["many"])] == [1, 4]
    assert sum(each.size for each in kept["one"]) == sum(each.size for each in kept["many"])


def test_ratios_are_of_what_was_taken_in_the_same_run(tmp_path: Path) -> None:
    def told(_: Path) -> dict[str, Taken]:
        return {
            "plain": Taken(seconds=6.0, processor=9.0),
            "split": Taken(seconds=2.0, processor=3.0),
            "demo": Taken(seconds=8.0, processor=3.0),
        }

    found = measure(tmp_path, [told])
    assert found["ratios"] == {
        "plain/split": {"seconds": 3.0, "processor": 3.0},
        "demo/split": {"seconds": 4.0, "processor": 1.0},
    }
    assert measure(tmp_path, [lambda _: {}])["ratios"] == {}


def test_a_log_without_a_map_is_measured_beside_its_split(tmp_path: Path) -> None:
    found = measure(tmp_path, [partial(plain, lines=50, turns=1)])
    taken = json.loads(json.dumps(found))["taken"]
    assert {"split", "plain", "plain_again"} <= set(taken)
    assert not list(tmp_path.iterdir())


def test_the_page_says_which_ratios_were_reached() -> None:
    told = {
        "measured": "2026-12-04",
        "taken": {"split": {"seconds": 1.0, "processor": 1.5}, "plain": {"seconds": 2.0, "processor": 3.6}},
        "ratios": {"plain/split": {"seconds": 2.0, "processor": 2.4}, "many/one": {"seconds": 2.1, "processor": 2.2}},
    }  # fmt: skip
    text = reading_section(told)
    assert "| the same lines scanned without a map | 2.00 | 3.60 |" in text
    assert "| without a map over the split | at most 2.5 | 2.00 | 2.40 | reached |" in text
    assert "| 1,000 files over one | at most 2 | 2.10 | 2.20 | **not reached** |" in text
