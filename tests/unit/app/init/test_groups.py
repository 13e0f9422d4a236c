"""Files of one kind are found together, under patterns that fit them and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from whosaw.app.init.groups import grouped
from whosaw.ingest.files.content import Content
from whosaw.ingest.files.name_patterns import fits
from whosaw.ingest.files.source_name import read_name


def groups(*names: str) -> dict[tuple[str, ...], list[str]]:
    contents = [Content(name=each, source=read_name(each).source, path=Path(each)) for each in names]
    return {each.patterns: [content.name for content in each.contents] for each in grouped(contents)}


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (("l/access.log",), "l/access.log*"),
        (("l/access.log", "l/access.log.1", "l/access.log.2.gz"), "l/access.log*"),
        (("l/access-2025-03-01.log", "l/access-2025-03-02.log"), "l/access*.log*"),
        (("l/access-01.log", "l/access-02.log"), "l/access*.log*"),
        (("l/2025/03/01/x.log", "l/2025/03/02/x.log"), "l/2025/03/**/x.log*"),
        (("app.json",), "app.json*"),
    ],
)
def test_files_that_differ_in_a_date_or_a_number_are_one_group(names: tuple[str, ...], pattern: str) -> None:
    assert groups(*names) == {(pattern,): sorted(names)}


def test_other_names_and_other_folders_are_other_groups() -> None:
    found = groups("l/access.log", "l/access.log.1", "l/error.log", "m/access.log")
    assert found == {
        ("l/access.log*",): ["l/access.log", "l/access.log.1"],
        ("l/error.log*",): ["l/error.log"],
        ("m/access.log*",): ["m/access.log"],
    }


def test_a_pattern_that_would_fit_others_is_not_taken() -> None:
    found = groups("l/app.log", "l/app.logins.csv")
    assert sorted(name for names in found.values() for name in names) == ["l/app.log", "l/app.logins.csv"]
    for patterns, names in found.items():
        others = {"l/app.log", "l/app.logins.csv"} - set(names)
        assert all(fits(each, patterns) for each in names)
        assert not any(fits(each, patterns) for each in others)


@pytest.mark.parametrize(
    ("name", "pattern", "there"),
    [
        ("l/a.log", "l/*.log", True),
        ("l/m/a.log", "l/*.log", False),
        ("l/m/a.log", "l/**/*.log", True),
        ("l/a.log", "l/**/*.log", True),
        ("l/a.log", "l", True),
        ("la/a.log", "l", False),
        ("l/a.log", "./l/", True),
        ("l/x.tar.gz!in/a.log", "l/x.tar.gz", True),
        ("l/a1.log", "l/a[0-9].log", True),
        ("l/ab.log", "l/a[!0-9].log", True),
        ("l/a[1].log", "l/a[[]1].log", True),
        ("anything", ".", True),
    ],
)
def test_a_pattern_fits_as_a_shell_reads_it(name: str, pattern: str, there: bool) -> None:
    assert fits(name, (pattern,)) is there
