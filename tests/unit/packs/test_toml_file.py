"""A TOML file knows the lines of its keys and says where it is wrong."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosaw.core.errors import FaultsError
from whosaw.packs.toml_file import MAX_ITEM_BYTES, load_toml

TEXT = """\
zone = "UTC"

[[route]]
id = "a"
match = { path = "/a" }

[[route]]
id = "b"
[route.subject]
from = "path"
"""


def _written(folder: Path, data: bytes) -> Path:
    path = folder / "item.toml"
    path.write_bytes(data)
    return path


def test_lines_of_tables_and_keys_are_known(tmp_path: Path) -> None:
    file = load_toml(_written(tmp_path, TEXT.encode()), name="m.toml")
    assert file.line_of("zone") == 1
    assert file.line_of("route", 0, "match") == 5
    assert file.line_of("route", 1, "id") == 8
    assert file.line_of("route", 1, "subject", "from") == 10
    assert file.line_of("route", 1, "no-such-key") == 7
    assert file.line_of("nothing") is None


def test_fault_names_file_line_and_item(tmp_path: Path) -> None:
    file = load_toml(_written(tmp_path, TEXT.encode()), name="m.toml")
    assert str(file.fault("x", "is wrong", "route", 1, "id", item="b")) == "m.toml:8 [b]: is wrong"


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"a = 1\nb = = 2\n", "item.not-toml", 2),
        (b"a = 1\nb = '\xff'\n", "item.not-utf8", 2),
        (b"#" * (MAX_ITEM_BYTES + 1), "item.too-large", None),
        (b"a = " + b"[" * 5000 + b"]" * 5000, "item.too-deep", None),
        (b"[" + b".".join([b"a"] * 2000) + b"]\nb = 1\n", "item.too-deep", None),
        (b".".join([b"a"] * 2000) + b" = 1\n", "item.too-deep", None),
    ],
)
def test_unusable_file_is_refused_with_its_line(
    tmp_path: Path, data: bytes, code: str, line: int | None
) -> None:
    with pytest.raises(FaultsError) as caught:
        load_toml(_written(tmp_path, data), name="m.toml")
    (fault,) = caught.value.faults
    assert (fault.code, fault.where.line) == (code, line)


def test_absent_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(FaultsError, match="cannot be read"):
        load_toml(tmp_path / "none.toml")


@given(st.binary(max_size=300))
def test_any_bytes_load_or_raise_faults(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = _written(tmp_path_factory.mktemp("toml"), data)
    with contextlib.suppress(FaultsError):  # any other error fails the test
        load_toml(path)


def test_cases_are_left_out_where_nothing_else_follows_them(tmp_path: Path) -> None:
    item = TEXT + "[[case]]\ntitle = '[a]'\n[[case.view]]\n[case.context]\n"
    whole, without = (load_toml(_written(tmp_path, item.encode()), cases=each) for each in (True, False))
    assert whole.data.pop("case")
    assert whole.data == without.data
    assert without.line_of("route", 1, "subject", "from") == 10
    for more in ("[cases]\n", "[[route]]\nid = 'c'\n"):
        behind = load_toml(_written(tmp_path, (item + more).encode()), cases=False)
        assert "case" in behind.data
        assert behind.line_of("case", 0, "title") == 12
