"""What identifies a client stands in `core/client.py` alone: no list of its columns is kept by hand elsewhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from whosaw.core import client
from whosaw.store.client_sql import with_columns

SOURCE = Path(__file__).resolve().parents[2] / "src" / "whosaw"
MANY = 3  # columns beside each other; two may have a meaning of their own

# where columns of a client are spelled, with the reason; a key is a file and what it is about
OWN_MEANING = {
    "ingest/canonical.py": "the order of an event's columns, which enters the digest of a row; covers() adds what it lacks",
    "scope/record.py": "what a table of logins says, which is no client",
}
OWN_MEANING_SQL = {"scope/sql/close_opened.sql": "what a table of logins says"}


def _spelled(path: Path) -> list[int]:
    """Lines of tuples, lists, sets and mappings that hold several columns of a client as texts."""
    source = path.read_text(encoding="utf-8")
    if sum(f'"{name}"' in source or f"'{name}'" in source for name in client.NAMES) < MANY:
        return []
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            inner = [
                each.elts[0] if isinstance(each, ast.Tuple) and each.elts else each for each in node.elts
            ]
        elif isinstance(node, ast.Dict):
            inner = [each for each in node.keys if each is not None]
        else:
            continue
        texts = {each.value for each in inner if isinstance(each, ast.Constant)}
        if len(texts & set(client.NAMES)) >= MANY:
            found.append(node.lineno)
    return found


def _modules() -> list[str]:
    """A replay writes the logs of a shop; what these hold is no list of what a client is."""
    paths = (path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py"))
    return sorted(path for path in paths if not path.startswith("replay/"))


def test_no_module_keeps_a_list_of_its_own() -> None:
    spelled = {name: lines for name in _modules() if (lines := _spelled(SOURCE / name))}
    assert spelled.keys() == OWN_MEANING.keys(), spelled


def test_no_statement_lists_columns_by_itself() -> None:
    """Beside each other, with commas between them: `c.address, c.token, c."key"`."""
    column = rf"(?:\w+\.)?\"?(?:{'|'.join(client.NAMES)})\"?"
    several = re.compile(rf"(?<![\w.]){column}(?:,\s*{column}(?![\w.])){{{MANY - 1},}}")
    spelled = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.sql")
        if several.search(re.sub(r"<<.*?>>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL))
    }
    assert spelled == OWN_MEANING_SQL.keys()


def test_every_statement_asks_for_columns_that_there_are() -> None:
    asked = [path for path in SOURCE.rglob("*.sql") if re.search(r"<<\w", path.read_text(encoding="utf-8"))]
    assert asked
    for path in asked:
        assert not re.search(r"<<\w", with_columns(path.read_text(encoding="utf-8"))), path


def test_columns_in_statements() -> None:
    assert with_columns('SELECT <<clear: c."@">> FROM c') == 'SELECT c."agent", c."key", c."tls" FROM c'
    assert with_columns("<<clear but key: a.@ = b.@ | AND>>") == "a.agent = b.agent AND a.tls = b.tls"
    assert with_columns("<<clear but key: DROP @;|>>") == "DROP agent;\nDROP tls;"
    assert with_columns("SELECT 1 << 2") == "SELECT 1 << 2"
    for wrong in ("<<some: @>>", "<<clear but ip: @>>"):
        with pytest.raises(client.ClientSchemaError, match="names no columns of a client"):
            with_columns(wrong)
