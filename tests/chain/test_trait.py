"""A further trait of a client is one entry in `core/client.py` and the reader of its column; everything else follows.

Each test works in a copy of the package, which it changes as somebody would who adds a trait.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = '''
    Trait(
        name="ja4", one="JA4 fingerprint", several="JA4 fingerprints", about="Its JA4 fingerprint.",
        kept="clear", code=None, says="where", holders="many", since=4,
    ),
    Trait(
        name="tenant", one="tenant", several="tenants", about="Its tenant, as a ledger number.",
        kept="digest", code=6, says="claimed", holders="several", since=4, sign="tn",
    ),
)  # fmt: skip
"""In the order'''
# the reader of the two columns: where JSON lines hold them
READER = 'tls = ["ja3", "ssl_fingerprint"]\nja4 = ["ja4"]\ntenant = ["tenant"]\n'
MAP = """\
[[route]]
id = "customer"
match = { method = "GET", path = "/customers/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]
"""
JA4, OTHER = "t13d1516h2_8daaf6152771_b0da82dd1658", "t13d0000h2_000000000000_000000000000"


def _changed(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (path, old)
    path.write_text(text.replace(old, new), encoding="utf-8")


def _run(folder: Path, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env={"PYTHONPATH": f"{folder}/src:{folder}", "COLUMNS": "200"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return done


def _told(folder: Path, *words: str) -> Any:
    return json.loads(_run(folder, "-m", "whosaw", *words, "--json", "--workspace", "ledger").stdout)


def _valid(folder: Path, name: str, document: object) -> None:
    """Against the schemas of the copy."""
    schemas = [
        json.loads(path.read_text("utf-8")) for path in (folder / "docs/reference/json").glob("*.schema.json")
    ]
    registry: Registry[Any] = Registry().with_resources(
        [(schema["$id"], Resource.from_contents(schema)) for schema in schemas]
    )
    (schema,) = (each for each in schemas if each["$id"].endswith(f"{name}.schema.json"))
    Draft202012Validator(schema, registry=registry).validate(document)


def _touched(folder: Path) -> set[str]:
    """Files of the package that differ from those here."""
    return {
        path.relative_to(folder).as_posix()
        for path in (folder / "src").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
        and path.read_bytes() != (ROOT / path.relative_to(folder)).read_bytes()
    }  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package with the two traits."""
    made = tmp_path_factory.mktemp("house")
    for name in ("src", "tools", "docs"):
        shutil.copytree(ROOT / name, made / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    _changed(made / "src/whosaw/core/client.py", ')  # fmt: skip\n"""In the order', ENTRIES.lstrip("\n"))
    _changed(made / "src/whosaw/data/formats/jsonl.toml", 'tls = ["ja4", "ja3", "ssl_fingerprint"]\n', READER)
    return made


def test_a_trait_is_one_entry_and_the_reader_of_its_column(house: Path) -> None:
    assert _touched(house) == {"src/whosaw/core/client.py", "src/whosaw/data/formats/jsonl.toml"}


@pytest.fixture(scope="module")
def scanned(house: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 customers of 30 tenants read by one JA4 from 40 addresses, and one of them by another; a canary among them. The pages
    are made anew, and a detector and a link put clients together by the new traits."""
    made = tmp_path_factory.mktemp("scanned") / "house"
    shutil.copytree(house, made)
    for tool in ("client_schema", "cli_reference", "sigma_pack"):
        _run(made, "-m", f"tools.{tool}", "--write")
    _changed(
        made / "src/whosaw/data/detectors/canary-hit.toml",
        'id = "read-without-agent"\ngroup_by = ["address"]',
        'id = "read-without-agent"\ngroup_by = ["ja4"]',
    )
    _changed(
        made / "src/whosaw/data/links/same-fingerprint.toml",
        'by = ["agent", "tls"]',
        'by = ["ja4", "tenant"]',
    )
    lines = [
        {
            "time": f"2025-04-14T10:{n:02}:00Z", "remote_addr": f"192.0.2.{n + 1}", "status": 200,
            "request": f"GET /customers/{n + 1} HTTP/1.1", "ja4": JA4, "tenant": f"acme-{n % 30}",
        }
        for n in range(40)
    ]  # fmt: skip
    lines.append({**lines[0], "ja4": OTHER, "tenant": "other"})
    (made / "app.log").write_text("".join(json.dumps(each) + "\n" for each in lines), encoding="utf-8")
    (made / "map.toml").write_text(MAP, encoding="utf-8")
    (made / "context").mkdir()
    (made / "context/canaries.csv").write_text("id\n5\n", encoding="utf-8")
    _told(made, "scan", "app.log", "--map", "map.toml", "--context", "context")
    return made


def _views(document: Any) -> tuple[int, int]:
    (count,) = (each for each in document["counts"] if each["unit"] == "views")
    return count["lower"], count["upper"]


def test_it_is_a_column_of_the_ledger(scanned: Path) -> None:
    tables = [pq.read_table(path) for path in sorted((scanned / "ledger/files").rglob("*.clients"))]
    (clients,) = (each for each in tables if "client" in each.column_names)
    assert clients.column_names == [
        "digest", "client", "address", "principal", "session", "token", "network", "tenant", "agent", "key", "tls", "ja4",
    ]  # fmt: skip
    assert clients.schema.field("ja4").type == pa.string()
    assert set(clients["ja4"].to_pylist()) == {JA4, OTHER}
    # 30 tenants and another one, by number; nobody's name stands anywhere
    assert clients.schema.field("tenant").type == pa.int32()
    assert len(set(clients["tenant"].to_pylist())) == 31
    (identities,) = (
        each
        for each in (pq.read_table(path) for path in (scanned / "ledger/files").rglob("*.identities"))
        if "number" in each.column_names
    )
    assert identities["kind"].to_pylist().count(6) == 31
    for path in (scanned / "ledger").rglob("*"):
        assert not path.is_file() or b"acme-" not in path.read_bytes(), path


def test_two_clients_that_differ_in_nothing_else_are_two(scanned: Path) -> None:
    assert _told(scanned, "what", "192.0.2.1")["actor"]["clients"] == 2


def test_a_question_can_name_it(scanned: Path) -> None:
    by_ja4 = _told(scanned, "what", f"ja4={JA4}")
    _valid(scanned, "what", by_ja4)
    assert _views(by_ja4) == (40, 40)
    by_tenant = _told(scanned, "what", "tenant=acme-3")  # customers 4 and 34
    _valid(scanned, "what", by_tenant)
    assert _views(by_tenant) == (2, 2)
    for shown in by_tenant["actor"]["shown"]:
        assert shown["ja4"] == JA4
        assert re.fullmatch(r"tn\d+", shown["tenant"])


def test_a_finding_can_be_about_it(scanned: Path) -> None:
    told = _told(scanned, "findings")
    _valid(scanned, "findings", told)
    (finding,) = (each for each in told["findings"] if each["detector"] == "canary-hit")
    assert (finding["actor"]["by"], finding["actor"]["values"]) == (["ja4"], [JA4])
    assert finding["title"].startswith("One JA4 fingerprint")


def test_a_scope_can_start_from_it(scanned: Path) -> None:
    plain = _told(scanned, "scope", "new", "--case", "by-ja4", "--indicator", f"ja4={JA4}")
    _valid(scanned, "scope-new", plain)
    assert plain["clues"] == [{"kind": "ja4", "value": JA4, "leads": "actor"}]
    # the canary proves one view; the other 39 of this program, and one through an address of it, are possible
    assert _views(plain) == (1, 41)
    digested = _told(scanned, "scope", "new", "--case", "by-tenant", "--indicator", "tenant=acme-3")
    _valid(scanned, "scope-new", digested)
    (clue,) = digested["clues"]
    assert clue["kind"] == "tenant"
    assert re.fullmatch(r"[0-9a-f]{32}", clue["value"])
    refused = _run(
        scanned, "-m", "whosaw", "scope", "new", "--case", "x", "-i", "ja5=1", "--workspace", "ledger", code=2
    )
    assert "ja4" in refused.stderr
    assert "tenant" in refused.stderr


def test_a_ledger_from_before_is_refused(scanned: Path, tmp_path: Path) -> None:
    shutil.copytree(scanned / "ledger", tmp_path / "ledger")
    marker = tmp_path / "ledger/whosaw-workspace.json"
    assert json.loads(marker.read_text("utf-8")) == {"format": 4}
    marker.write_text(json.dumps({"format": 3}), encoding="utf-8")
    refused = _run(
        scanned, "-m", "whosaw", "what", "192.0.2.1", "--workspace", str(tmp_path / "ledger"), code=2
    )
    assert "has format 3, this program reads 4" in refused.stderr


def test_pages_and_rules_name_it(scanned: Path) -> None:
    said = {
        "docs/reference/cli.md": ["network=, ja4=, tenant= with", "network, ja4, tenant, person or line"],
        "docs/reference/sigma.md": ["| `ja4` | `ja4` |", "| `tenant` | `tenant` |"],
        "docs/howto/events.md": ["`tls`, `ja4` | text", "`key`, `tenant` | text"],
    }
    for page, texts in said.items():
        for text in texts:
            assert text in (scanned / page).read_text(encoding="utf-8"), page


# modules that put their list together from several choices, and how somebody would leave the TLS fingerprint out of it
LEFT_OUT = {
    "store/schemas.py": ("in client.CLEAR)", 'in client.CLEAR if each != "tls")'),
    "store/kinds.py": ("for name in client.NAMES)", 'for name in client.NAMES if name != "tls")'),
    "store/canonical.py": ("_VAULTED.keys(), client.CLEAR)", "_VAULTED.keys(), client.CLEAR[:-1])"),
    "store/segment_clients.py": ("_DIGESTED, schema.CLEAR,", '_DIGESTED, ("agent", "key"),'),
    "ingest/canonical.py": ("**dict.fromkeys(client.SENT, pa.string())}", '}\ndel CANONICAL["tls"]'),
    "actors/detectors.py": ("GROUPINGS: Final = (*client.NAMES,", 'GROUPINGS: Final = ("address", "agent", "principal", "session", "token", "key", "network",'),
    "actors/sigma/field_form.py": ("*client.SENT,", "*client.SENT[:-1],"),
    "scope/versions/document.py": ("*client.NAMES,", "*client.NUMBERED, *client.CLEAR[:-1],"),
    "app/asking/identifiers.py": ("client.VAULTED, client.CLEAR, SIGNS", "client.VAULTED, client.CLEAR[:-1], SIGNS"),
    "app/asking/questions.py": ("client.VAULTED, client.CLEAR, SIGNS", "client.VAULTED, client.CLEAR[:-1], SIGNS"),
    "cli/texts/asking.py": ("*_ISSUED, *_PROGRAMS)", "*_ISSUED, *_PROGRAMS[:-1])"),
}  # fmt: skip


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package once more. What is not changed in it is compiled once for all that import it."""
    folder = tmp_path_factory.mktemp("copied")
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__", "data"))
    return folder


@pytest.mark.parametrize("module", sorted(LEFT_OUT))
def test_a_column_left_out_is_an_error_at_import(module: str, copied: Path) -> None:
    path = copied / "src/whosaw" / module
    text, name = path.read_text(encoding="utf-8"), module.removesuffix(".py").replace("/", ".")
    _changed(path, *LEFT_OUT[module])
    try:
        refused = _run(copied, "-c", f"import whosaw.{name}", code=1)
    finally:
        path.write_text(text, encoding="utf-8")
    assert f"ClientSchemaError: {name} leaves out tls: " in refused.stderr


def test_every_module_that_is_asked_for_its_columns_is_tried() -> None:
    source = ROOT / "src/whosaw"
    asked = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if re.search(r"\b(?:client|schema)\.covers\(", path.read_text(encoding="utf-8"))
    }
    # the vault takes what is numbered; a code that is missing there is an error of the entry itself
    assert asked - {"store/vault.py"} == set(LEFT_OUT)
