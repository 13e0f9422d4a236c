"""The verifier stands alone: one file, the standard library and cryptography."""

from __future__ import annotations

import ast
import hashlib
import json
import subprocess
import sys
import tokenize
from pathlib import Path
from typing import Any

import pytest
from pyroaring import BitMap
from rfc3161_client import VerifierBuilder, decode_timestamp_response
from tests.evidence.authority import issue, serving
from tools.verifier import ALONE, FOLDER, assemble

from whosaw.app.evidence.bundle import write_verifier
from whosaw.evidence import verify, verify_alone
from whosaw.evidence.time_stamp import Authority
from whosaw.store.repositories.cases import bitmap_bytes

SOURCE = Path(verify_alone.__file__)
MODULES = sorted(path for path in Path(verify.__file__).parent.glob("*.py") if path.stem != "__init__")


def _statements(path: Path) -> list[str]:
    """What a file says, statement by statement, but for its docstring, imports and `__all__`."""
    return [
        ast.unparse(node)
        for node in ast.parse(path.read_text(encoding="utf-8")).body[1:]
        if not isinstance(node, ast.Import | ast.ImportFrom)
        and not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__")
    ]


def _comments(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as lines:
        told = [
            each.string for each in tokenize.generate_tokens(lines.readline) if each.type == tokenize.COMMENT
        ]
    return sorted(told)


def test_the_one_file_is_what_the_modules_say() -> None:
    assert ALONE.read_text(encoding="utf-8") == assemble(FOLDER)
    said = [(path, _statements(path)) for path in MODULES]
    whole = _statements(SOURCE)
    assert said
    assert sorted(whole) == sorted(each for _, statements in said for each in statements)
    for path, statements in said:  # each module whole and in its own order
        at = whole.index(statements[0])
        assert whole[at : at + len(statements)] == statements, path.stem


def test_the_one_file_keeps_what_the_modules_say_of_themselves() -> None:
    text, front = (
        SOURCE.read_text(encoding="utf-8"),
        ast.parse(Path(verify.__file__).read_text(encoding="utf-8")),
    )
    assert ast.get_docstring(ast.parse(text)) == ast.get_docstring(front)
    headings = [
        f"# -- {path.stem}: {ast.get_docstring(ast.parse(path.read_text(encoding='utf-8')))}"
        for path in MODULES
    ]
    kept = _comments(SOURCE)
    for comment in [*headings, *(each for path in MODULES for each in _comments(path))]:
        assert comment in kept
    assert len(kept) == len(headings) + sum(len(_comments(path)) for path in MODULES) + 2  # and who made it


def test_nothing_in_it_stands_above_what_it_needs() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    places: dict[str, int] = {}
    for node in tree.body:
        for name in _named(node):
            assert name not in places, f"{name} has two meanings"
            places[name] = node.lineno
    at = {f"# -- {path.stem}:": path for path in MODULES}
    order = [
        at[line[: line.index(":") + 1]].stem
        for line in SOURCE.read_text(encoding="utf-8").splitlines()
        if line.startswith("# -- ")
    ]
    assert sorted(order) == [path.stem for path in MODULES]
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom) and node.level:
                assert order.index(node.module or "") < order.index(path.stem), (path.stem, node.module)


def _named(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.name for alias in node.names]
    return [
        each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    ]


def test_it_offers_what_the_house_uses() -> None:
    assert verify_alone.__all__ == verify.__all__
    assert all(hasattr(verify_alone, name) for name in verify.__all__)


def test_it_imports_the_standard_library_and_cryptography_alone() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= {*sys.stdlib_module_names, "cryptography"}


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "verify.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_copy_in_an_empty_folder_examines_a_bundle(sealed: Any, tmp_path: Path) -> None:
    told = write_verifier(tmp_path / "verify.py")
    assert told.sha256 == hashlib.sha256(SOURCE.read_bytes()).hexdigest()
    (tmp_path / "case.evidence").write_bytes(sealed.bundle)
    trust = ["--signer", f"{sealed.key}.pub", "--stamp-trust", str(sealed.folder / "ca.pem")]
    whole = _run(tmp_path, "case.evidence", "--json", *trust)
    assert (whole.returncode, whole.stderr) == (0, "")
    assert json.loads(whole.stdout) == sealed.verify(sealed.bundle).as_json()
    assert _run(tmp_path, "case.evidence").returncode == 3  # nobody said whom to trust
    reverse = verify.pack(dict(reversed(sealed.forger.parts.items())))
    (tmp_path / "reverse").write_bytes(reverse)
    assert _run(tmp_path, "reverse", *trust).returncode == 1
    (tmp_path / "flawed").write_bytes(sealed.forger.with_part("findings.json", b"[]\n"))
    flawed = _run(tmp_path, "flawed")
    assert flawed.returncode == 1
    assert flawed.stdout.startswith("broken: ")
    assert "  broken       findings.json\n               it was changed" in flawed.stdout


@pytest.mark.parametrize(
    "arguments", [["absent"], ["verify.py", "--signer", "absent"], ["verify.py", "--trust", "verify.py"]]
)
def test_a_call_that_cannot_be_answered_ends_with_two(
    tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("verify.py").write_text("no bundle", encoding="ascii")
    assert verify.main(arguments) == 2
    assert capsys.readouterr().err.startswith("verify.py: ")


# the tree of RFC 6962, section 2.1.3: seven leaves d0 to d6
def test_the_merkle_root_is_that_of_rfc_6962() -> None:
    def leaf(data: bytes) -> bytes:
        return hashlib.sha256(b"\x00" + data).digest()

    def node(left: bytes, right: bytes) -> bytes:
        return hashlib.sha256(b"\x01" + left + right).digest()

    d = [bytes([at]) for at in range(7)]
    a, b, c, e, f, h, j = (leaf(each) for each in d)
    k = node(node(a, b), node(c, e))
    assert verify.merkle_root(d) == node(k, node(node(f, h), j))
    assert verify.merkle_root(d[:4]) == k
    assert verify.merkle_root(d[:3]) == node(node(a, b), c)
    assert verify.merkle_root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert (
        verify.merkle_root([b""]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )


@pytest.mark.parametrize(
    "people",
    [
        set(),
        {0},
        set(range(5000)),
        set(range(0, 400_000, 7)),
        {1, 70_000, 2**31},
        {*range(10), *range(10**6, 10**6 + 9)},
    ],
)
def test_the_size_of_a_set_is_read_from_its_bytes(people: set[int]) -> None:
    assert verify.roaring_size(bitmap_bytes(BitMap(people))) == len(people)
    assert verify.roaring_size(BitMap(people).serialize()) == len(people)


def test_another_reader_of_time_stamps_agrees(sealed: Any, tmp_path: Path) -> None:
    # which wants certificates in the order of their bytes, in which openssl does not put them: so there is only one
    with serving(tmp_path / "tsa", issue("Clock", by=sealed.ca, stamping=True), chain=False) as url:
        answer = Authority(url).ask(b"a message")
    stamp, response = verify.read_stamp(answer), decode_timestamp_response(answer)
    checker = VerifierBuilder().add_root_certificate(sealed.ca.certificate).build()
    assert checker.verify_message(response, b"a message")
    assert response.tst_info.gen_time == stamp.time
    assert response.tst_info.nonce == stamp.nonce
    assert stamp.digest == hashlib.sha256(b"a message").digest()


def test_openssl_agrees(sealed: Any, tmp_path: Path) -> None:
    parts = sealed.forger.parts
    message = verify.stamp_message(parts[verify.MANIFEST], parts[verify.SIGNATURE], bytes(range(32)))
    (tmp_path / "stamp.tsr").write_bytes(parts[verify.STAMP])
    (tmp_path / "message").write_bytes(message)
    arguments = ["-data", "message", "-in", "stamp.tsr", "-CAfile", str(sealed.folder / "ca.pem")]
    done = subprocess.run(
        ["openssl", "ts", "-verify", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "Verification: OK" in done.stdout + done.stderr, done.stderr
