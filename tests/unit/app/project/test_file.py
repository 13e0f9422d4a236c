"""The project file: every fault at once with its line, and paths that are relative to it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from whosaw.app.check_project import check_project
from whosaw.app.project.file import Logs, TwinsWith, load_project
from whosaw.app.project.keys import KEYS
from whosaw.app.project.place import find_project
from whosaw.core.errors import FaultsError

WHOLE = """\
workspace = "ledger"
map = "map.toml"
zone = "Asia/Seoul"
language = "ko"
formats = ["formats"]

[context]
folder = "context"
none = ["canaries"]

[[logs]]
files = ["logs/web/access.log*"]
source = "web"
format = "combined"
quiet = ["22:00-06:00"]
twins = { with = "app", by = "request_id", within = "2s" }

[[logs]]
files = "logs/app/*.json"
source = "app"
zone = "UTC"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "whosaw.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(path: Path, *, whole: bool = False) -> list[tuple[int | None, str]]:
    def read() -> None:
        project = load_project(path)
        if whole:
            check_project(project)

    with pytest.raises(FaultsError) as caught:
        read()
    return [(each.where.line, each.message) for each in caught.value.faults]


def test_what_stands_there_is_read_and_paths_are_relative_to_it(tmp_path: Path) -> None:
    project = load_project(written(tmp_path, WHOLE))
    assert project.workspace == tmp_path / "ledger"
    assert project.map == tmp_path / "map.toml"
    assert (project.context, project.none) == (tmp_path / "context", ("canaries",))
    assert (project.zone, project.language, project.formats) == ("Asia/Seoul", "ko", (tmp_path / "formats",))
    assert project.logs == (
        Logs(
            files=("logs/web/access.log*",),
            format="combined",
            source="web",
            quiet=("22:00-06:00",),
            twins=TwinsWith(source="app", by="request_id", within="2s"),
        ),
        Logs(files=("logs/app/*.json",), source="app", zone="UTC"),
    )
    assert project.patterns == (f"{tmp_path}/logs/web/access.log*", f"{tmp_path}/logs/app/*.json")
    assert [project.lines[key] for key in ("map", "context.none", "logs.0.quiet", "logs.1", "logs.1.zone")] == [
        2, 9, 15, 18, 21,
    ]  # fmt: skip


def test_the_context_may_be_a_folder_alone(tmp_path: Path) -> None:
    assert load_project(written(tmp_path, 'context = "c"\n')).context == tmp_path / "c"


def test_all_faults_are_told_at_once_each_with_its_line(tmp_path: Path) -> None:
    text = """\
zoen = "UTC"
zone = "Mars/Olympus"
map = 7

[[logs]]
file = "a.log"
quiet = ["22:00-06:00"]

[[logs]]
files = "-"
source = "b"
twins = { with = "c", by = "luck", within = "soon" }
"""
    assert faults(written(tmp_path, text)) == [
        (1, "zoen is not known here"),
        (2, "'Mars/Olympus' is not a time zone"),
        (3, "map must be a text, and is 7"),
        (5, "logs.0.files is missing"),
        (6, "logs.0.file is not known here"),
        (7, "quiet needs a source"),
        (10, "standard input is no file of a project"),
        (12, "'soon' is no length of time"),
        (12, "logs.1.twins.by is 'luck'"),
        (12, "no logs have the source 'c'"),
        (12, "twins are joined by what a map says"),
    ]


def test_an_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(FaultsError, match=r"whosaw\.toml:1: zoen is not known here\. Did you mean zone\?"):
        load_project(written(tmp_path, 'zoen = "UTC"\n'))


def test_it_is_found_upwards(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find_project(below) == path
    (below / "whosaw.toml").write_text("")
    assert find_project(below) == below / "whosaw.toml"
    assert find_project(tmp_path.parent) is None


def test_what_it_names_is_checked_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "canaries.csv").write_text("id\n7\n")
    path = written(
        tmp_path,
        WHOLE.replace('"combined"', '"combind"').replace("22:00-06:00", "at night").replace('"ko"', '"xx"'),
    )
    assert faults(path, whole=True) == [
        (2, f"map: there is no file {tmp_path}/map.toml"),
        (4, "language: 'xx' is no language that whosaw has"),
        (5, f"formats: {tmp_path}/formats is no folder"),
        (9, "context.none: there is none of canaries, it says, and canaries.csv is one"),
        (12, "logs.0.files: no file is logs/web/access.log*"),
        (15, "logs.0.quiet: 'at night' does not say when there is no traffic"),
        (19, "logs.1.files: no file is logs/app/*.json"),
    ]


def test_a_format_that_is_not_there_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("x\n")
    path = written(tmp_path, '[[logs]]\nfiles = "a.log"\nformat = "combind"\n')
    assert faults(path, whole=True) == [(3, "logs.0.format: there is no format 'combind'")]


def test_the_reference_names_every_key_and_its_example_can_be_read(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[4] / "docs" / "reference" / "project-file.md").read_text("utf-8")
    example = page.split("```toml\n")[1].split("```")[0]
    project = load_project(written(tmp_path, example))
    named = {re.sub(r"^logs\.\d+", "logs", key) for key in project.lines} | {"context"}
    tables = {"logs", "logs.twins", "keeping", "keeping.identifiers", "keeping.addresses"}
    assert {each.name for each in KEYS} == named - tables


@pytest.mark.parametrize("table", ["", "[context]\n", '[[logs]]\nfiles = "a"\n'])
def test_the_reader_knows_no_key_that_the_reference_does_not_name(table: str, tmp_path: Path) -> None:
    with pytest.raises(FaultsError) as caught:
        load_project(written(tmp_path, f"{table}qqqqqqqq = 1\n"))
    known = set(caught.value.faults[0].hint.removeprefix("Known: ").split(", "))
    before = {"": "", "[context]\n": "context."}.get(table, "logs.")
    inner = {each.name.removeprefix(before).split(".")[0] for each in KEYS if each.name.startswith(before)}
    assert known == inner | ({"logs"} if not table else set())
