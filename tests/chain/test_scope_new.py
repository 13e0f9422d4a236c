"""A case from a replay to its version: the persons of the truth, the same from every clue, in the shape that is published."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator
from pyroaring import BitMap
from referencing import Registry, Resource

from whosaw.app.cases.listing import list_cases, show_version
from whosaw.app.cases.making import make_version
from whosaw.app.scan import scan
from whosaw.core.document import object_of
from whosaw.core.errors import WhosawError
from whosaw.replay.items import load_replay
from whosaw.replay.make import make_replay
from whosaw.replay.score.truth_read import read_truth
from whosaw.scope.versions.document import body_digest
from whosaw.store.ledger import LedgerReader
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.workspace import Workspace

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "reference" / "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A scanned replay, what its first case says, and the ledger's numbers of those whom the breach saw."""

    root: Path
    document: dict[str, Any]
    seen: BitMap
    indicators: tuple[str, ...]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("scoped")
    shop, breach = load_replay(breach="forged-token")
    replay = make_replay(folder / "replay", shop=shop, breach=breach, scale=0.02, events=True).folder
    for service in [
        each for each in replay.iterdir() if each.is_dir() and each.name not in ("context", "truth")
    ]:
        # one file for each service: to open a file for each day takes longer than all the rest
        days = pa.concat_tables([pq.read_table(each) for each in sorted(service.rglob("*.parquet"))])
        (folder / "logs" / service.name).mkdir(parents=True)
        pq.write_table(days, folder / "logs" / service.name / "events.parquet")
    root = folder / "ledger"
    scan([str(folder / "logs")], root, now=NOW, map_path=replay / "map.toml", context=replay / "context")
    told = read_truth(replay).truth
    breaches = [at for at, party in enumerate(told.parties) if party.kind == "breach"]
    rows = told.exposures.filter(pc.is_in(told.exposures["party"], pa.array(breaches, pa.int16())))
    members = told.members.take(pc.unique(rows["member"].combine_chunks()))
    workspace = Workspace.open(root)
    reader = LedgerReader(workspace)
    kinds = sorted({body["subject"]["kind"] for body in reader.routes.values()})
    spelled = [pc.binary_join_element_wise(pa.scalar(kind), members, "\x1f") for kind in kinds]
    numbers = [
        number
        for each in spelled
        for number in reader.numbers_of("person", each).to_pylist()
        if number is not None
    ]
    # the shop has findings of its own (an agent who looks up a neighbour); the breach is the one with the most views
    finding = str(
        reader.session.query("SELECT finding FROM counted GROUP BY finding ORDER BY count(*) DESC LIMIT 1")[
            "finding"
        ][0].as_py()
    )
    rows = reader.session.query(
        "SELECT v.person, c.agent, c.key FROM counted JOIN views v USING (content, line) JOIN clients c USING (client) "
        "WHERE counted.finding = ? ORDER BY v.micros, v.content, v.line",
        [finding],
    )
    first, last = rows.slice(0, 1).to_pylist()[0], rows.slice(rows.num_rows - 1).to_pylist()[0]
    reader.close()
    workspace.close()
    return Made(
        root=root,
        document=object_of(make_version(root, "autumn", findings=[finding], now=NOW)),
        seen=BitMap(numbers),
        indicators=(
            f"person=p{first['person']}",
            f"agent={first['agent']}",
            f"agent={last['agent']}",
            f"key={last['key']}",
        ),
    )


def test_the_persons_are_those_of_the_truth(made: Made) -> None:
    workspace = Workspace.open(made.root)
    sets = CaseStore(workspace).sets("autumn", 1)
    workspace.close()
    assert sets["held"] & made.seen == sets["held"]
    assert sets["held"] == made.seen
    assert made.document["actor"]["evidence"] == "each view"
    assert len(made.document["actor"]["parts"]) == 3


@pytest.mark.parametrize("at", [0, 2])
def test_another_clue_of_the_campaign_gives_the_same_scope(made: Made, at: int) -> None:
    other = object_of(make_version(made.root, f"other-{at}", indicators=[made.indicators[at]], now=NOW))
    assert body_digest(made.document) == body_digest(other)
    assert other["clues"] != made.document["clues"]


def test_what_is_shown_is_what_was_made_and_fits_its_schema(made: Made) -> None:
    schemas = [json.loads(path.read_text(encoding="utf-8")) for path in SCHEMAS.glob("*.schema.json")]
    known: Registry[Any] = Registry().with_resources(
        [(each["$id"], Resource.from_contents(each)) for each in schemas]
    )
    shown = object_of(show_version(made.root, "autumn"))
    assert shown == made.document
    for name, document in (
        ("scope-new", made.document),
        ("scope-show", shown),
        ("scope-list", object_of(list_cases(made.root))),
    ):
        schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
        Draft202012Validator(schema, registry=known).validate(document)


@pytest.mark.parametrize(
    ("indicator", "code"),
    [
        ("ip=192.0.2.254", "scope.unknown-clue"),
        ("colour=red", "scope.bad-indicator"),
        ("line=abcdef:1", "scope.unknown-clue"),
    ],
)
def test_a_clue_that_the_ledger_never_met_is_named(made: Made, indicator: str, code: str) -> None:
    with pytest.raises(WhosawError) as fault:
        object_of(make_version(made.root, "never", indicators=[indicator], now=NOW))
    assert fault.value.code == code
    assert "never" not in {each["case"] for each in object_of(list_cases(made.root))["cases"]}


def test_a_full_disk_while_views_are_put_aside_makes_no_version(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = object_of(list_cases(made.root))
    with monkeypatch.context() as patch:
        patch.setattr(pq.ParquetWriter, "write_batch", full)
        with pytest.raises(WhosawError, match="No space left on device") as fault:
            object_of(make_version(made.root, "full", indicators=[made.indicators[0]], now=NOW))
    assert fault.value.code == "store.io"
    assert object_of(list_cases(made.root)) == before
    assert list((made.root / "spill").glob("kept-*")) == []
