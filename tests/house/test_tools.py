"""The checks themselves must be able to fail."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement
from tools import changelog, console, constraints, error_codes, generated, lock

GOOD = "Lines above 64 MiB ended the scan; now each is a reject with its reason. Readers of dumps notice."


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("long-lines.fixed.md", GOOD.rstrip("."), "full stop"),
        ("long-lines.fixed.md", "", "full stop"),
        ("long-lines.mended.md", GOOD, "the name must be like"),
        ("Long_Lines.fixed.md", GOOD, "the name must be like"),
        ("long-lines.fixed.md", f"{GOOD} Additionally, more.", "two notes"),
        ("long-lines.fixed.md", f"{GOOD} " * 7, "make it two changes"),
    ],
)
def test_a_bad_note_is_refused(name: str, text: str, said: str) -> None:
    assert any(said in fault for fault in changelog.faults_of(name, text))


def test_a_good_note_passes() -> None:
    assert changelog.faults_of("long-lines.fixed.md", GOOD) == []


def test_the_changelog_lists_open_notes_before_releases_newest_first(tmp_path: Path) -> None:
    for folder, name, text in [
        (".", "b.added.md", "B is new."),
        ("0.9.0", "a.fixed.md", "A was broken."),
        ("0.10.0", "c.removed.md", "C is gone."),
    ]:
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_text(text, encoding="utf-8")
        if folder != ".":
            (tmp_path / folder / "RELEASED").write_text("2026-01-02\n", encoding="utf-8")
    text = changelog.assemble(tmp_path)
    places = [
        text.index(part)
        for part in ("## Not released yet", "B is new.", "## 0.10.0 (2026-01-02)", "C is gone.")
    ]
    places += [text.index(part) for part in ("## 0.9.0 (2026-01-02)", "### Fixed", "A was broken.")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("changed", "added", "fails"),
    [
        (["src/whosaw/a.py"], [], True),
        (["src/whosaw/a.py"], ["changelog.d/a.fixed.md"], False),
        (["src/whosaw/a.py"], ["docs/a.md"], True),
        (["docs/index.md"], [], False),
    ],
)
def test_a_change_of_the_product_needs_a_note(changed: list[str], added: list[str], fails: bool) -> None:
    assert (changelog.missing_note(changed, added) is not None) is fails


def test_an_item_that_vanishes_breaks_the_lock() -> None:
    assert lock.violations({}, {"formats/combined": "d1"}, {})
    retired = {"formats/combined": {"reason": "two formats in one", "successor": "none"}}
    assert lock.violations({}, {"formats/combined": "d1"}, retired) == []


def test_a_retired_id_never_comes_back() -> None:
    retired = {"formats/combined": {"reason": "two formats in one", "successor": "none"}}
    assert lock.violations({"formats/combined": "d2"}, {}, retired)


@pytest.mark.parametrize(
    "entry", [{"successor": "none"}, {"reason": "x"}, {"reason": "x", "successor": "formats/gone"}]
)
def test_retirement_needs_a_reason_and_a_successor_that_exists(entry: dict[str, str]) -> None:
    assert lock.violations({}, {}, {"formats/combined": entry})


def test_the_digest_of_an_item_is_of_what_it_says() -> None:
    assert lock.digest({"a": 1, "b": [2]}) == lock.digest({"b": [2], "a": 1})
    assert lock.digest({"a": 1}) != lock.digest({"a": "1"})


def test_each_category_is_an_item_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "categories"
    folder.mkdir()
    text = '[[category]]\nkey = "contact"\n[[category]]\nkey = "contact.email"\n'
    (folder / "contact.toml").write_text(text, encoding="utf-8")
    assert sorted(lock.items(tmp_path)) == ["categories/contact", "categories/contact.email"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("numpy @ https://example.org/numpy.whl\n", "not of the form"),
        ("numpy==1.0\n", "does not satisfy"),
        ("rich==14.0\n", "has no pin"),
        ("numpy==2.3\nnumpy==2.4\n", "pinned twice"),
        ("numpy>=2\n", "not of the form"),
    ],
)
def test_bad_pins_are_found(text: str, said: str) -> None:
    assert any(said in fault for fault in constraints.faults(text, [Requirement("numpy>=2.2")]))


def test_what_an_extra_installs_is_pinned_like_the_rest() -> None:
    project = {
        "project": {
            "dependencies": ["numpy>=2.2"],
            "optional-dependencies": {"kafka": ["confluent-kafka>=2"]},
        },
        "dependency-groups": {"test": ["pytest>=9"], "dev": [{"include-group": "test"}]},
    }
    assert [each.name for each in constraints.wanted(project)] == ["numpy", "confluent-kafka", "pytest"]


def test_good_pins_pass() -> None:
    assert constraints.faults("# made by\nnumpy==2.4.6\n", [Requirement("numpy>=2.2")]) == []


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("", "", True),
        ("", "x\n", False),
        ("3\n", "3\n", True),
        ("3\n", "4\n", False),
        ("took ... s\n", "took 1.25 s\n", True),
        ("took ... s\n", "took 1.25 ms, I think\n", False),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\nd\n", "a\nd\n", True),
        ("a\n...\nd\n", "a\nb\n", False),
        ("...\n", "", True),
        ("a.c\n", "abc\n", False),
        ("a\n", "a   \n", True),
        ("c1 p22 (x)\n", "c0 p7 (x)\n", True),
        ("c1 p22 (x)\n", "c0 p7 (y)\n", False),
        ("c1\n", "p1\n", False),
        ("a\n", "a\nwhosaw: custody head 4:0123\n", True),
        ("a\nwhosaw: custody head ...\n", "a\nwhosaw: custody head 4:0123\n", True),
        ("a\nwhosaw: custody head ...\n", "a\n", False),
        ("a\n", "a\nwhosaw: the custody journal of x is BROKEN\n", False),
    ],
)
def test_shown_output_is_compared(expected: str, printed: str, same: bool) -> None:
    assert console.matches(expected, printed) is same


def _page(root: Path, text: str) -> Path:
    page = root / "page.md"
    page.write_text(text, encoding="utf-8")
    return page


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(console, "ROOT", tmp_path)
    return tmp_path


def test_a_page_is_run_in_order_in_one_folder(root: Path) -> None:
    text = "<!-- file: a.txt -->\n```text\none\ntwo\n```\n\n"
    text += "<!-- run -->\n```console\n$ wc -l < a.txt\n2\n$ rm a.txt; ls\n```\n"
    assert console.check(_page(root, text)) == []


def test_a_wrong_output_is_found_and_mended(root: Path) -> None:
    page = _page(root, "<!-- run -->\n```console\n$ echo yes\nno\n$ echo a \\\n  b\na b\n```\nend\n")
    assert len(console.check(page, write=True)) == 1
    assert (
        page.read_text(encoding="utf-8")
        == "<!-- run -->\n```console\n$ echo yes\nyes\n$ echo a \\\n  b\na b\n```\nend\n"
    )
    assert console.check(page) == []


@pytest.mark.parametrize("mark", ["<!-- run -->", "<!-- run: exit 3 -->"])
def test_a_wrong_exit_code_is_found(root: Path, mark: str) -> None:
    assert console.check(_page(root, f"{mark}\n```console\n$ exit 2\n```\n"))
    assert console.check(_page(root, "<!-- run: exit 2 -->\n```console\n$ exit 2\n```\n")) == []


def test_a_console_block_without_a_mark_is_a_fault(root: Path) -> None:
    assert console.check(_page(root, "```console\n$ ls\n```\n"))
    assert console.check(_page(root, "<!-- not run: it needs your logs -->\n```console\n$ ls\n```\n")) == []


def test_a_difference_is_shown_with_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated, "ROOT", tmp_path)
    (tmp_path / "same.md").write_text("a\n", encoding="utf-8")
    assert generated.drift({tmp_path / "same.md": "a\n"}) == []
    assert "other.md" in generated.drift({tmp_path / "other.md": "a\n"})[0]


def test_codes_are_read_from_every_way_to_raise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "ingest" / "a.py"
    source.parent.mkdir()
    source.write_text(
        'CODE = "a.constant"\n'
        "def f(name, file, where):\n"
        "    file.fault(CODE, f'{name} is odd', hint='Mend it')\n"
        "    Fault(code='a.keyword', message='no', where=where)\n"
        "    table = Table.top(file, [], code='a.reader', unknown_code='a.unknown')\n"
        "    table.fault(f'{name} is even', 'key', hint='Make it odd', code='a.even')\n"
        "    message = 'said above'\n"
        "    raise WhosawError('a.plain', message)\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(error_codes, "_SOURCE", tmp_path)
    (text,) = error_codes.page().values()
    assert '| <span id="a.constant"></span>`a.constant` | {name} is odd | Mend it | ingest |' in text
    assert '| <span id="a.keyword"></span>`a.keyword` | no |  | ingest |' in text
    assert '| <span id="a.plain"></span>`a.plain` | said above |  | ingest |' in text
    assert '| <span id="a.reader"></span>`a.reader` | (told by the line itself) |  | ingest |' in text
    assert '| <span id="a.unknown"></span>`a.unknown` | {key} is not known here |  | ingest |' in text
    assert '| <span id="a.even"></span>`a.even` | {name} is even | Make it odd | ingest |' in text
