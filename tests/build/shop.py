"""Small scanned workspaces whose numbers are history, and the ledger of days over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.chain.shop_log import KEY, MAP, NOW, shop_lines
from tests.store.days.from_old import Old

from whosaw.actors.signing.columns import EVENTS
from whosaw.app.building import days
from whosaw.app.building.bring_up import Ledger, setup_of
from whosaw.app.building.setup import Setup
from whosaw.app.scan import scan
from whosaw.core import client
from whosaw.mapping.data_map import load_map
from whosaw.mapping.twin_reports import twin_rules
from whosaw.store.days.views import DayRows
from whosaw.store.kinds import KINDS
from whosaw.store.numbers.history import load_history
from whosaw.store.numbers.migrate import migrate_numbers
from whosaw.store.numbers.texts import texts_of
from whosaw.store.parts import parts_in_force
from whosaw.store.run_files import read_parts
from whosaw.store.workspace import Workspace

FIRST = datetime(2025, 4, 28, tzinfo=UTC)  # the third of its days is in another month


def lines_of(day: int, *, many: int = 60) -> list[str]:
    """Lines of one day of the shop: in the morning, and over the midnight behind it."""
    start = FIRST + timedelta(days=day)
    morning = shop_lines(many, seed=2 * day, start=start + timedelta(hours=9))
    evening = shop_lines(many, seed=2 * day + 1, start=start + timedelta(hours=23, minutes=55))
    return [*morning, *evening]


def read(root: Path, logs: Mapping[str, Sequence[str]], data_map: str = MAP) -> None:
    """Scan logs into a workspace, without findings."""
    folder = root.with_name(f"{root.name}-logs")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "map.toml").write_text(data_map)
    paths = []
    for name, lines in logs.items():
        paths.append(str(folder / name))
        Path(paths[-1]).write_text("".join(f"{line}\n" for line in lines))
    read_files(root, paths, folder / "map.toml")


def read_files(root: Path, paths: Sequence[str], data_map: Path) -> None:
    """Scan files into a workspace, without findings."""
    if not root.exists():
        root.mkdir()
        (root / "vault.key").write_bytes(KEY)
        (root / "vault.key").chmod(0o600)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("whosaw.app.scan.detect_all", lambda *args, **named: ([], ()))
        scan(paths, root, now=NOW, map_path=data_map)


@contextmanager
def opened(root: Path) -> Iterator[Workspace]:
    """The workspace, with its numbers as history."""
    workspace = Workspace.open(root)
    try:
        with workspace.writing():
            migrate_numbers(workspace)
            yield workspace
    finally:
        workspace.close()


def setup_at(workspace: Workspace, data_map: Path) -> Setup:
    return setup_of(workspace, twins=twin_rules(load_map(data_map)))


def ledger_of(workspace: Workspace, data_map: Path, *, threads: int = 1, **named: object) -> Ledger:
    """The steps of days alone."""
    return Ledger(
        workspace, setup_at(workspace, data_map), threads=threads, steps=days.MAKERS, **named,  # type: ignore[arg-type]
    )  # fmt: skip


def rows_kept(workspace: Workspace, kind: str) -> pa.Table:
    """All rows of a kind, `day` first."""
    schema = KINDS[kind].in_hand
    found = [schema.empty_table()]
    for part in parts_in_force(workspace.journal, [kind]):
        (rows,) = read_parts(workspace.files, [part], schema.names[1:])
        found.append(rows.add_column(0, "day", pa.array([part.day] * rows.num_rows, pa.int32())).cast(schema))
    return pa.concat_tables(found)


def day_rows(workspace: Workspace) -> DayRows:
    """What the step `view` kept of all days."""
    return DayRows(**{name: rows_kept(workspace, name) for name in ("views", "repeats", "tries", "twins")})


def old_of(workspace: Workspace, files: Mapping[int, bytes]) -> Old:
    """The index of the workspace, with the numbers of texts and the order of files that days go by."""
    old = Old(workspace)
    history = load_history(workspace.journal, workspace.files)
    texts = {}
    for name in client.CLEAR:
        numbers = pa.array(range(history.given(name)), pa.int64()).to_numpy()
        held = texts_of(workspace.files, history.texts.get(name, ()), numbers).to_pylist()
        texts[name] = {text: number for number, text in enumerate(held)}
    old.__dict__.update(texts=texts, files=dict(files))
    return old


def events_of_index(old: Old) -> pa.Table:
    """Each event once (`EVENTS` of visits), as segments and the index of now have them; of logs without twins."""
    again = {(row["segment"], row["line"]) for row in _rows(old.index("duplicates"))}
    tried = {(row["segment"], row["line"]) for row in _rows(old.index("tries"))}
    made = []
    for segment, row in zip(old.segments, old._segments, strict=True):
        assert segment.key is None
        events = pq.read_table(segment.events).to_pylist()
        traits = segment.traits.to_pylist()
        for each in events:
            place = (row["id"], each["line"])
            if each["duplicate"] or place in again:
                continue
            told = {
                "day": each["time"] // 86_400_000_000,
                "time": each["time"],
                "client": int(segment.clients[each["client"]]),
                "view": bool(each["view"]),
                "tried": place in tried,
            }
            made.append({**told, **traits[each["client"]]})
    return pa.Table.from_pylist(sorted(made, key=lambda each: each["day"]), schema=EVENTS)


def _rows(table: pa.Table | None) -> list[dict[str, int]]:
    return [] if table is None else list(table.to_pylist())
