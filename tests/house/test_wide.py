"""The last result of the wide tests holds as long as what it was made with is the same."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from tools.wide import changed, digest, fault, room_files

ROOT = Path(__file__).resolve().parents[2]
ROOM = tomllib.loads((ROOT / "tests" / "wide.toml").read_text(encoding="utf-8"))["spellings"]
BEFORE = b'"""What it is."""\n\nfrom a import (\n    b,\n    c,\n)\n\n\ndef f() -> int:\n    import d\n\n    return b\n'


def kept(**more: object) -> dict[str, object]:
    return {"commit": "0123456789abcdef", "escaped": 0, "files": {"a/x.py": "1", "a/y.py": "2"}, **more}


def test_other_imports_are_the_same_content_and_other_words_are_not() -> None:
    moved = BEFORE.replace(b"from a import (\n    b,\n    c,\n)", b"from z.a import b, c").replace(
        b"import d", b"import z.d"
    )
    assert digest("x.py", BEFORE) == digest("x.py", moved)
    assert digest("x.py", BEFORE) != digest("x.py", BEFORE.replace(b"return b", b"return c"))
    assert digest("x.js", b"import d\n") != digest("x.js", b"import z.d\n")


def test_a_file_that_moved_is_no_change_and_one_that_is_new_gone_or_other_is() -> None:
    then = {"a/x.py": "1", "a/y.py": "2"}
    assert changed(then, {"b/x.py": "1", "b/y.py": "2"}) == []
    assert changed(then, {"a/x.py": "1"}) == ["a/y.py"]
    assert changed(then, {**then, "a/z.py": "2"}) == [
        "a/y.py",
        "a/z.py",
    ]  # which of two of the same content is new, nobody knows
    assert changed(then, {"a/x.py": "1", "a/y.py": "3"}) == ["a/y.py"]


def test_a_result_older_than_its_room_is_refused_with_what_to_do() -> None:
    assert fault("spellings", kept(), {"a/x.py": "1", "a/y.py": "2"}) is None
    said = fault("spellings", kept(), {"a/x.py": "1", "a/y.py": "3"})
    assert said == (
        "wide: the result of `spellings` is of commit 0123456789; changed since: a/y.py. Run `make test-wide` and commit docs/performance."
    )
    assert "nothing is kept" in str(fault("spellings", None, {}))
    assert "3 requests escaped" in str(fault("spellings", kept(escaped=3), {"a/x.py": "1", "a/y.py": "2"}))


def test_the_room_holds_what_reads_a_request_line_and_no_more() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in room_files(ROOM)}
    assert names >= {
        "src/whosaw/ingest/template/request_line.py", "src/whosaw/ingest/template/splitter.py", "src/whosaw/mapping/normal_path.py",
        "src/whosaw/mapping/squeezed.py", "tests/servers/wire.py", "tests/servers/apps/pages.js",
    }  # fmt: skip
    assert not names & {
        "src/whosaw/ingest/files/archive.py",
        "src/whosaw/mapping/drafts/openapi.py",
        "tests/servers/test_twins.py",
    }


def test_a_pattern_or_a_module_that_names_nothing_is_said() -> None:
    with pytest.raises(SystemExit, match=r"no/such.py of tests/wide.toml names no file"):
        room_files({**ROOM, "files": ["no/such.py"]})
    with pytest.raises(SystemExit, match=r"no module whosaw.ingest.gone any more"):
        room_files({**ROOM, "modules": ["ingest.gone"]})
