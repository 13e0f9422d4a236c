"""What only the organisation can say is read by language, with the line where it stands."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

from whosaw.core.errors import Fault
from whosaw.law.account import Account, read_account
from whosaw.packs.table import Table
from whosaw.packs.toml_file import load_toml

_TEXT = """\
[names]
MSIT = { ko = "과학기술정보통신부" }

[[statement]]
about = "new-fact"
at = 2026-03-07T17:00:00Z
said_by = "the shop"
text = { en = "More pages were read." }

[[statement]]
about = "awareness"
said_by = "the shop"
text = { en = "A customer wrote." }
"""


def _read(tmp_path: Path, text: str) -> tuple[Account, list[Fault]]:
    path = tmp_path / "case.toml"
    path.write_text(text, encoding="utf-8")
    faults: list[Fault] = []
    table = Table.top(load_toml(path), faults, code="case.invalid")
    account = read_account(table, UTC)
    table.rest_unknown()
    return account, faults


def test_a_statement_knows_its_line(tmp_path: Path) -> None:
    account, faults = _read(tmp_path, _TEXT)
    assert not faults
    assert [(each.about, each.line) for each in account.statements] == [("new-fact", 4), ("awareness", 10)]


def test_a_name_is_written_as_the_language_does_or_as_in_the_file(tmp_path: Path) -> None:
    account, _ = _read(tmp_path, _TEXT)
    assert account.name("MSIT", "ko") == "과학기술정보통신부"
    assert account.name("MSIT", "en") == "MSIT"
    assert account.name("PIPC", "ko") == "PIPC"


def test_a_new_fact_has_a_time_and_names_have_languages(tmp_path: Path) -> None:
    text = _TEXT.replace("at = 2026-03-07T17:00:00Z\n", "").replace("ko =", "Korean =")
    _, faults = _read(tmp_path, text)
    assert sorted((each.where.line, each.message) for each in faults) == [
        (2, "'Korean' is no language"),
        (4, "statement.0.at is missing"),
    ]
