"""Segments of a ledger are numbered beside its index, and both say the same of every line."""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from whosaw.cli.main import app
from whosaw.core import client
from whosaw.core.errors import WhosawError
from whosaw.store import statements as sa
from whosaw.store.files import ContentStore, Together, parquet_bytes
from whosaw.store.journal import Journal, tables
from whosaw.store.ledger import LedgerReader
from whosaw.store.numbers import commit as module
from whosaw.store.numbers.check import history_faults
from whosaw.store.numbers.commit import VAULTED, number_segments, sealed_raws
from whosaw.store.numbers.history import History, load_history
from whosaw.store.numbers.migrate import migrate_numbers
from whosaw.store.numbers.raws import Identities
from whosaw.store.numbers.segments import NumbersFiles
from whosaw.store.numbers.texts import texts_of
from whosaw.store.vault import KINDS, Vault
from whosaw.store.workspace import Workspace

KEPT = Path(__file__).parents[1] / "old_workspaces"


pytestmark = pytest.mark.usefixtures("without_detection")  # numbers are given by the tests


def unpacked(archive: Path, into: Path) -> Path:
    with tarfile.open(archive) as packed:
        packed.extractall(into, filter="data")
    return into / "ws"


@pytest.fixture(autouse=True)
def digests_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments keep their digests: they are what numbers are held against here."""
    monkeypatch.setattr("whosaw.store.index.update.let_go", lambda *_: None)


@pytest.fixture(params=sorted(KEPT.glob("*.tar.gz")), ids=lambda path: path.name.partition(".")[0])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace.open(unpacked(request.param, tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def newest(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace.open(unpacked(max(KEPT.glob("*.tar.gz")), tmp_path))
    yield opened
    opened.close()


def live(workspace: Workspace) -> dict[int, dict[str, str]]:
    segment = tables.segment
    rows = workspace.journal.rows(sa.select(segment).where(segment.c.live))
    return {row["id"]: json.loads(row["files"]) for row in rows}


def of_kind(workspace: Workspace, kind: str) -> pa.Table:
    index = tables.index.c
    names = workspace.journal.rows(sa.select(index.file).where(index.live, index.kind == kind))
    return pa.concat_tables([pq.read_table(workspace.files.path(row["file"])) for row in names])


def same(workspace: Workspace, history: History) -> None:
    """Every local code of every segment: what the index says of its digest, and what its number says, one to one."""
    index = of_kind(workspace, "identities").to_pylist()
    old = {(row["kind"], row["digest"]): row["number"] for row in index}
    clients = of_kind(workspace, "clients").to_pylist()
    old_client = {row["digest"]: row for row in clients}
    pairs: dict[str, set[tuple[int, int]]] = {}
    name_of = {code: kind for kind, code in KINDS.items()}
    for number, files in live(workspace).items():
        made = NumbersFiles(workspace.files).of(number, history.numbered[number])
        codes = pq.read_table(workspace.files.path(files["identities"])).to_pylist()
        assert made.kinds.tolist() == [row["kind"] for row in codes]
        for row, new in zip(codes, made.identities.tolist(), strict=True):
            pairs.setdefault(name_of[row["kind"]], set()).add((old[row["kind"], row["digest"]], new))
        local = pq.read_table(workspace.files.path(files["clients"])).to_pylist()
        traits = made.traits.to_pylist()
        for row, new, carried in zip(local, made.clients.tolist(), traits, strict=True):
            told = old_client[row["digest"]]
            pairs.setdefault("client", set()).add((told["client"], new))
            for name in client.NUMBERED:
                assert (told[name] is None) == (carried[name] is None)
                if told[name] is not None:
                    pairs.setdefault(name, set()).add((told[name], carried[name]))
            for name in client.CLEAR:
                if told[name] is None:
                    assert carried[name] is None
                else:
                    files_of = history.texts[name]
                    assert texts_of(workspace.files, files_of, np.array([carried[name]])).to_pylist() == [
                        told[name]
                    ]
    for kind, both in pairs.items():
        assert len(both) == len({one for one, _ in both}) == len({other for _, other in both}), kind
        assert {new for _, new in both} <= set(range(history.given(kind)))


def raws_agree(workspace: Workspace, history: History) -> None:
    """What stands behind each number is what the index finds for the same digest."""
    reader = LedgerReader(workspace)
    try:
        every = Identities(reader).every(dict.fromkeys(VAULTED, 0)).to_pylist()
    finally:
        reader.close()
    for kind in VAULTED:
        rows = pa.concat_tables(sealed_raws(workspace, kind).every(history.given(kind))).to_pylist()
        assert [row["number"] for row in rows] == list(range(history.given(kind)))
        assert {row["raw"] for row in rows} == {row["raw"] for row in every if row["kind"] == KINDS[kind]}
        for row in rows:  # the number's own digest is that of the text
            digest = np.frombuffer(workspace.vault.digest(kind, row["raw"]), ">u8").astype(np.uint64)
            assert history.known[kind].find(digest[:1], digest[1:]).tolist() == [row["number"]]


def test_numbers_of_old_segments_are_those_of_the_index_but_for_their_names(workspace: Workspace) -> None:
    history = number_segments(workspace)
    same(workspace, history)
    raws_agree(workspace, history)
    assert list(history_faults(history)) == []
    found = load_history(workspace.journal, workspace.files)
    assert (found.files(), found.free, found.numbered) == (history.files(), history.free, history.numbered)
    assert number_segments(workspace).numbered == history.numbered  # and nothing is left to do


def test_new_segments_renumber_nothing(newest: Workspace, tmp_path: Path) -> None:
    before = migrate_numbers(newest)
    runs = {
        kind: [(np.array(run.high), np.array(run.low), run.numbers.tolist()) for run in known.runs()]
        for kind, known in before.known.items()
    }
    logs = tmp_path / "logs"
    logs.mkdir()
    shutil.copy(KEPT / "access.log", logs)
    shutil.copy(KEPT / "more.log", logs / "access.log.new")
    words = (
        "--map",
        str(KEPT / "map.toml"),
        "--context",
        str(KEPT / "context"),
        "--workspace",
        str(newest.root),
    )
    done = CliRunner().invoke(app, ["scan", str(logs), *words])
    assert done.exit_code == 0, done.output
    after = load_history(newest.journal, newest.files)
    assert len(after.numbered) > len(before.numbered)
    assert after.numbered.items() >= before.numbered.items()
    for kind, held in runs.items():
        for high, low, numbers in held:
            assert after.known[kind].find(high, low).tolist() == numbers
    same(newest, after)
    raws_agree(newest, after)
    assert list(history_faults(after)) == []


def test_how_lines_are_cut_into_files_changes_no_number(tmp_path: Path) -> None:
    lines = (KEPT / "access.log").read_text().splitlines(keepends=True)
    found = []
    for pieces in (1, 3):
        root, logs = tmp_path / f"ws-{pieces}", tmp_path / f"logs-{pieces}"
        logs.mkdir()
        for at in range(pieces):  # the last lines first, by their names
            part = lines[len(lines) * at // pieces : len(lines) * (at + 1) // pieces]
            (logs / f"access-{pieces - at}.log").write_text("".join(part))
        if pieces > 1:  # under the same key
            root.mkdir()
            shutil.copy(tmp_path / "ws-1" / "vault.key", root)
        words = (
            "--map",
            str(KEPT / "map.toml"),
            "--context",
            str(KEPT / "context"),
            "--workspace",
            str(root),
        )
        done = CliRunner().invoke(app, ["scan", str(logs), *words])
        assert done.exit_code == 0, done.output
        opened = Workspace.open(root)
        history = load_history(opened.journal, opened.files)
        assert len(history.numbered) >= pieces
        raws = {
            kind: [rows.to_pylist() for rows in sealed_raws(opened, kind).every(history.given(kind))]
            for kind in VAULTED
        }
        files = {kind: sorted(each.file for each in known.files) for kind, known in history.known.items()}
        texts = {kind: [each.file for each in held] for kind, held in history.texts.items()}
        found.append((files, texts, history.free, raws))
        opened.close()
    assert found[0] == found[1]


@pytest.fixture
def pieces(tmp_path: Path) -> Path:
    """The logs in three files."""
    lines = (KEPT / "access.log").read_text().splitlines(keepends=True)
    logs = tmp_path / "logs-pieces"
    logs.mkdir()
    for at in range(3):
        part = lines[len(lines) * at // 3 : len(lines) * (at + 1) // 3]
        (logs / f"access-{at}.log").write_text("".join(part))
    return logs


def scanned(logs: Path, root: Path) -> Workspace:
    done = CliRunner().invoke(
        app, ["scan", str(logs), "--map", str(KEPT / "map.toml"), "--workspace", str(root)]
    )
    assert done.exit_code == 0, done.output
    return Workspace.open(root)


def numbers_agree(
    one: Workspace, ones: Mapping[int, str], other: Workspace, others: Mapping[int, str]
) -> None:
    assert ones.keys() == others.keys()
    assert len(ones) == 3
    for segment in ones:
        left = NumbersFiles(one.files).of(segment, ones[segment])
        right = NumbersFiles(other.files).of(segment, others[segment])
        assert len(left.identities) > 0
        for each in ("kinds", "identities", "clients"):
            assert getattr(left, each).tolist() == getattr(right, each).tolist()
        assert left.traits.equals(right.traits)


def test_how_many_segments_share_a_file_changes_no_number(
    pieces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = scanned(pieces, tmp_path / "ws-one")
    (tmp_path / "ws-other").mkdir()
    shutil.copy(tmp_path / "ws-one" / "vault.key", tmp_path / "ws-other")
    monkeypatch.setattr(module, "_GROUP", 1)
    other = scanned(pieces, tmp_path / "ws-other")
    together, apart = (load_history(each.journal, each.files) for each in (one, other))
    assert [len(set(each.numbered.values())) for each in (together, apart)] == [1, 3]
    assert (apart.free, apart.texts) == (together.free, together.texts)
    numbers_agree(one, together.numbered, other, apart.numbered)
    same(one, together)
    one.close()
    other.close()


def test_files_of_earlier_releases_which_are_of_one_segment_are_read(pieces: Path, tmp_path: Path) -> None:
    opened = scanned(pieces, tmp_path / "ws-pieces")
    numbered = load_history(opened.journal, opened.files).numbered
    before: dict[int, str] = {}
    for segment, name in numbered.items():
        rows = pq.read_table(opened.files.path(name)).filter(pc.field("segment") == segment)
        before[segment] = opened.files.put("numbers", parquet_bytes(rows.drop_columns(["segment"])))
    numbers_agree(opened, numbered, opened, before)
    opened.close()


class KilledError(Exception):
    pass


def counted(patched: pytest.MonkeyPatch, at: int) -> list[int]:
    """End with an exception at the so many-th thing that is written: a file, a block, a transaction."""
    left = [at]

    def wrapped(whole: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **more: object) -> object:
            if left[0] == 0:
                raise KilledError
            left[0] -= 1
            return whole(*arguments, **more)

        return call

    patched.setattr(ContentStore, "put", wrapped(ContentStore.put))
    patched.setattr(Together, "put", wrapped(Together.put))
    patched.setattr(Together, "land", wrapped(Together.land))
    patched.setattr(Vault, "seal_at", wrapped(Vault.seal_at))
    patched.setattr(History, "store", wrapped(History.store))
    patched.setattr(Journal, "transaction", wrapped(Journal.transaction))
    return left


def test_a_kill_at_each_write_leaves_nothing_half_given(
    newest: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Workspace.open(Path(shutil.copytree(newest.root, tmp_path / "whole")))
    expected = number_segments(whole)
    whole.close()
    for at in range(1_000):
        with monkeypatch.context() as patched:
            counted(patched, at)
            try:
                number_segments(newest)
                break
            except KilledError:
                pass
        assert load_history(newest.journal, newest.files).numbered == {}
    else:
        pytest.fail("it never came to its end")
    blocks = len(list((newest.root / "vault").rglob("*.sealed")))
    assert blocks >= 2  # of persons and of addresses
    assert at >= len(expected.files()) + blocks + 2  # each of them was killed at, and the transaction
    found = load_history(newest.journal, newest.files)
    assert (found.files(), found.free, found.numbered) == (expected.files(), expected.free, expected.numbered)
    raws_agree(newest, found)


def test_a_block_that_lacks_an_identifier_is_told(newest: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Vault.open_blocks
    monkeypatch.setattr(Vault, "open_blocks", lambda self, sealed, codes: whole(self, sealed, codes).slice(1))
    with pytest.raises(WhosawError, match="lacks identifiers"):
        number_segments(newest)
