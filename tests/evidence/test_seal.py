"""What a bundle holds, what it does not, and that the same state gives the same bytes."""

from __future__ import annotations

import json
import shutil
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyroaring import BitMap
from tests.evidence.authority import issue, write_pem
from tests.evidence.sealed_case import CASE, NOW, SALT, Forger, document, raw_identifiers
from tests.without_digests import without_digests

from whosaw.app.asking.looks import record_look
from whosaw.app.evidence.bundle import Trust, open_verified, seal_case, verify_bundle
from whosaw.core.canonical_json import canonical_json
from whosaw.core.errors import WhosawError
from whosaw.evidence import verify
from whosaw.evidence.keys import load_signer, make_key
from whosaw.evidence.time_stamp import Authority
from whosaw.store import statements as sa
from whosaw.store.journal import tables
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.workspace import Workspace


@pytest.fixture
def root(sealed: Any, tmp_path: Path) -> Path:
    """A copy of the workspace as it was before anything was sealed since."""
    copied = tmp_path / "ledger"
    shutil.copytree(sealed.root, copied)
    return copied


def _kinds(root: Path) -> list[dict[str, Any]]:
    workspace = Workspace.open(root)
    try:
        assert workspace.journal.broken_at() is None
        return workspace.journal.rows(sa.select(tables.entry).order_by(tables.entry.c.seq))
    finally:
        workspace.close()


def test_the_same_state_time_salt_and_key_give_the_same_bytes(
    sealed: Any, root: Path, tmp_path: Path
) -> None:
    twin = tmp_path / "twin"
    shutil.copytree(root, twin)
    for at, folder in enumerate((root, twin)):
        seal_case(folder, CASE, tmp_path / f"{at}", now=NOW, salt=SALT, key=sealed.key)
    assert (tmp_path / "0").read_bytes() == (tmp_path / "1").read_bytes()
    seal_case(twin, CASE, tmp_path / "2", now=NOW, salt=SALT, key=sealed.key)
    assert (tmp_path / "2").read_bytes() != (
        tmp_path / "0"
    ).read_bytes()  # the first sealing is in the journal now


def test_no_identifier_is_in_a_bundle(sealed: Any) -> None:
    parts = sealed.forger.parts
    own = b"".join(
        data for name, data in parts.items() if not name.startswith("items/")
    )  # their cases are invented
    text = without_digests(own.decode("latin-1"))
    assert "spring" in text
    for raw in raw_identifiers():
        assert raw not in text, raw


def test_identifiers_are_given_out_with_a_reason_that_is_in_the_bundle(root: Path, tmp_path: Path) -> None:
    output = tmp_path / "open.evidence"
    with pytest.raises(WhosawError, match="without a reason"):
        seal_case(root, CASE, output, now=NOW, salt=SALT, identifiers=True)
    before = len(_kinds(root))
    seal_case(root, CASE, output, now=NOW, salt=SALT, identifiers=True, reason="order 12 of the court")
    parts = open_verified(output, Trust(), now=NOW).parts
    assert json.loads(parts["bundle.json"])["identifiers"] is True
    people = json.loads(parts["identifiers.json"])
    assert sorted(row["id"] for row in people) == [str(871_000 + at) for at in range(40)]
    assert {row["kind"] for row in people} == {"customer"}
    last = json.loads(parts["journal.jsonl"].splitlines()[-1])
    assert last["kind"] == "reidentified"
    assert json.loads(last["body"])["reason"] == "order 12 of the court"
    assert [entry["kind"] for entry in _kinds(root)[before:]] == ["reidentified", "evidence.seal"]


def _second_case(root: Path) -> None:
    """Another case over the same ledger, closed with a reason, sealed, and looked into; and a look that names no case."""
    workspace = Workspace.open(root)
    told = {**document([{"kind": "agent", "value": "agent/2"}], 2), "case": "winter"}
    final = {"by": "anna", "at": "2026-03-01T11:00:00Z", "despite": "the board of Example Ltd wants it today"}
    CaseStore(workspace).add(canonical_json({**told, "final": final}), {"held": BitMap([3])}, now=NOW)
    record_look(workspace, {"person": [3]}, what="who", reason="winter: call of Mr Doe", now=NOW)
    record_look(workspace, {"person": [4]}, what="who", reason="ticket 77", now=NOW)
    workspace.close()
    seal_case(root, "winter", root.parent / "winter.evidence", now=NOW, salt=SALT)


def test_what_the_journal_says_of_another_case_is_withheld_and_its_chain_still_holds(
    root: Path, tmp_path: Path
) -> None:
    _second_case(root)
    output = tmp_path / "spring.evidence"
    seal_case(root, CASE, output, now=NOW, salt=SALT)
    for secret in (b"winter", b"Example Ltd", b"Mr Doe", b"agent/2"):
        assert secret not in b"".join(
            data
            for name, data in verify.unpack(output.read_bytes())[0].items()
            if not name.startswith("items/")
        )
    verdict = verify_bundle(output, Trust(), now=NOW)
    told = {part.name: part for part in verdict.parts}
    assert told["journal.jsonl"].answer == "holds"
    assert "what 3 of its" in told["journal.jsonl"].why[0]
    entries = [
        json.loads(line)
        for line in open_verified(output, Trust(), now=NOW).parts["journal.jsonl"].splitlines()
    ]
    withheld = [entry for entry in entries if "withheld" in entry]
    whole = {entry["seq"]: entry for entry in _kinds(root)}
    assert [whole[entry["seq"]]["kind"] for entry in withheld] == [
        "scope.version",
        "reidentified",
        "evidence.seal",
    ]
    assert all(whole[entry["seq"]]["hash"] == entry["hash"] for entry in withheld)
    assert any("ticket 77" in entry.get("body", "") for entry in entries)


def test_nothing_is_withheld_from_the_only_case(sealed: Any) -> None:
    assert b"withheld" not in sealed.forger.parts["journal.jsonl"]


@pytest.mark.parametrize("flaw", ["hash", "own version", "extra field"])
def test_withholding_hides_no_flaw(root: Path, tmp_path: Path, flaw: str) -> None:
    _second_case(root)
    seal_case(root, CASE, tmp_path / "x", now=NOW, salt=SALT)
    forger = Forger((tmp_path / "x").read_bytes())
    entries = [json.loads(line) for line in forger.parts["journal.jsonl"].splitlines()]
    at = next(at for at, entry in enumerate(entries) if "withheld" in entry)
    if flaw == "hash":
        entries[at]["hash"] = "7" * 64
    elif flaw == "extra field":
        entries[at]["kind"] = "scope.version"
    else:
        own = next(at for at, entry in enumerate(entries) if entry.get("kind") == "scope.version")
        entries[own] = {
            **{name: entries[own][name] for name in ("seq", "previous", "hash")},
            "withheld": "another case",
        }
    forged = forger.sealed_again(
        {"journal.jsonl": b"".join(canonical_json(each) + b"\n" for each in entries)}, None
    )
    assert verify.verify(forged, now=NOW).answer == "broken"


def test_what_was_given_out_is_in_the_journal_with_its_digest(root: Path, tmp_path: Path) -> None:
    answer = seal_case(root, CASE, tmp_path / "x", now=NOW, salt=SALT)
    last = _kinds(root)[-1]
    assert last["kind"] == "evidence.seal"
    assert json.loads(last["body"])["sha256"] == answer.sha256
    assert verify_bundle(tmp_path / "x", Trust(), now=NOW).bundle == answer.sha256


def test_nothing_is_left_and_nothing_journalled_where_the_bundle_cannot_be_written(
    root: Path, tmp_path: Path
) -> None:
    before = len(_kinds(root))
    with pytest.raises(WhosawError, match="could not be written"):
        seal_case(root, CASE, tmp_path / "absent" / "x", now=NOW, salt=SALT)
    assert len(_kinds(root)) == before
    workspace = Workspace.open(root)
    with workspace.writing(), pytest.raises(WhosawError, match="another scan is writing"):
        seal_case(root, CASE, tmp_path / "x", now=NOW, salt=SALT)
    workspace.close()
    with pytest.raises(WhosawError, match="no case"):
        seal_case(root, "other", tmp_path / "x", now=NOW, salt=SALT)
    assert not (tmp_path / "x").exists()
    assert [each.name for each in tmp_path.iterdir()] == ["ledger"]


def test_a_bundle_says_what_was_read_by_what_and_what_was_found(sealed: Any) -> None:
    parts = sealed.forger.parts
    inputs = json.loads(parts["inputs.json"])
    assert [(Path(each["name"]).name, each["lines"], each["views"]) for each in inputs["contents"]] == [
        ("a.log", 40, 40),
        ("b.log", 2, 2),
    ]
    assert inputs["contents"][0]["first"] == "2025-03-03T12:00:00Z"
    assert [source["events"] for source in inputs["sources"]] == [40, 2]
    ledger = json.loads(parts["ledger.json"])
    assert (ledger["views"], ledger["persons"], ledger["clients"]) == (42, 40, 2)
    configuration = json.loads(parts["configuration.json"])
    assert configuration["program"]["name"] == "whosaw"
    assert "detectors/number-walk.toml" in {row["name"] for row in configuration["items"]}
    assert parts["map.toml"].startswith(b"[[route]]")
    clues = json.loads(parts["clues.json"])
    assert [each["version"] for each in clues] == [1, 2]
    by_kind = {clue["kind"]: clue["lines"] for clue in clues[1]["clues"]}
    assert set(by_kind) == {"agent", "address"}
    for lines in by_kind.values():
        assert lines[0] == {"content": 1, "line": 1, "time": "2025-03-03T12:00:00Z", "route": "customer"}
        assert len(lines) == 20
    journal = [json.loads(line) for line in parts["journal.jsonl"].splitlines()]
    assert [entry["kind"] for entry in journal] == [
        "scan.begin",
        "scan.end",
        "scope.version",
        "scope.version",
    ]


# -- keys


def test_a_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    made = make_key(tmp_path / "own")
    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o600
    assert verify.load_signer(str(tmp_path / "own.pub")) == made
    assert verify.load_signer(made.upper()) == made
    with pytest.raises(WhosawError, match="there already"):
        make_key(tmp_path / "own")


def test_a_locked_key_opens_with_its_passphrase_alone(tmp_path: Path) -> None:
    made = make_key(tmp_path / "own", passphrase=b"horse")
    loaded = load_signer(tmp_path / "own", certificate_file=None, passphrase=b"horse", now=NOW)
    assert loaded.named()["sha256"] == made
    for wrong in (None, b"cow"):
        with pytest.raises(WhosawError, match="cannot be read as a private key"):
            load_signer(tmp_path / "own", certificate_file=None, passphrase=wrong, now=NOW)


def test_a_certificate_must_be_valid_and_that_of_the_key(tmp_path: Path) -> None:
    key, certificate = write_pem(tmp_path, "one", issue("One", until=datetime(2025, 6, 1, tzinfo=UTC)))
    with pytest.raises(WhosawError, match="which is not now"):
        load_signer(key, certificate_file=certificate, passphrase=None, now=NOW)
    _, another = write_pem(tmp_path, "two", issue("Two"))
    with pytest.raises(WhosawError, match="not that of the key"):
        load_signer(key, certificate_file=another, passphrase=None, now=NOW)
    with pytest.raises(WhosawError, match="holds no Ed25519 key"):
        load_signer(key, certificate_file=None, passphrase=None, now=NOW)
    with pytest.raises(WhosawError, match="cannot be read as certificates"):
        load_signer(key, certificate_file=key, passphrase=None, now=NOW)


def test_an_rsa_key_with_its_certificate_signs_too(sealed: Any, tmp_path: Path) -> None:
    from whosaw.evidence.keys import CertificateSigner

    root = issue("Root", ca=True)
    made = issue("Expert", by=root, key=rsa.generate_private_key(65537, 2048))
    data = sealed.forger.sealed_again({}, CertificateSigner(made.key, made.chain))
    verdict = verify.verify(data, trust=[root.certificate], now=NOW)
    assert {part.name: part.answer for part in verdict.parts}[verify.SIGNED] == verify.HOLDS
    pem = made.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key").write_bytes(pem)
    with pytest.raises(WhosawError, match="holds no Ed25519 key"):
        load_signer(tmp_path / "key", certificate_file=None, passphrase=None, now=NOW)


# -- time stamp authorities that are no use


@pytest.mark.parametrize(
    "url", ["tsa.example.org", "ftp://tsa.example.org/", "file:///etc/passwd", "http://u:p@h/"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(WhosawError, match="no address of a time stamp authority"):
        Authority(url)


def test_an_authority_that_does_not_answer_or_answers_for_something_else_is_refused(sealed: Any) -> None:
    with pytest.raises(WhosawError, match="gave no answer"):
        Authority("http://127.0.0.1:9/").ask(b"x")
    answers = [b"no stamp", sealed.forger.parts[verify.STAMP], bytes((1 << 20) + 1)]

    class Wrong(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answers.pop(0))

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = HTTPServer(("127.0.0.1", 0), Wrong)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        authority = Authority(f"http://127.0.0.1:{server.server_port}/")
        for why in ("is no use", "stamped something else", "too long"):
            with pytest.raises(WhosawError, match=why):
                authority.ask(b"x")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
