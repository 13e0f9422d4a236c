"""Honest traffic is not possible: at most one view in a thousand is in a spelling that only some servers take."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from whosaw.app.reading.formats import parse_all
from whosaw.app.settings import load_settings
from whosaw.ingest.files.discover import discover
from whosaw.mapping.apply import Mapper
from whosaw.mapping.check import MapChecker
from whosaw.mapping.data_map import load_map
from whosaw.replay.items import load_replay
from whosaw.replay.make import make_replay
from whosaw.store.sql import Session

DATA = Path(os.environ.get("WHOSAW_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
# pages of that site: a blog, its articles by name, pictures of talks, what a tool is about
SITE = """
[[route]]
id = "article"
match = { method = "GET", path = "/blog/geekery/{name}" }
subject = { from = "path", name = "name" }
categories = ["identity.name"]

[[route]]
id = "tag"
match = { method = "GET", path = "/blog/tags/{name}" }
subject = { from = "path", name = "name" }
categories = ["identity.name"]

[[route]]
id = "project"
match = { method = "GET", path = "/projects/{name}" }
subject = { from = "path", name = "name" }
categories = ["identity.name"]

[[route]]
id = "talk"
match = { method = "GET", path = "/presentations/{name}" }
subject = { from = "path", name = "name" }
categories = ["identity.name"]

[[route]]
id = "reset"
match = { method = "GET", path = "/reset.css" }
subject = { from = "unknown" }
categories = ["identity.name"]
"""


def counted(map_file: Path, tables: Iterator[pa.Table]) -> tuple[int, int]:
    """Views, and how many of them are only possible."""
    mapper = Mapper(load_map(map_file))
    views = possible = 0
    with Session() as session:
        for table in tables:
            rows = mapper.apply(table, session).rows
            view = rows["view"].to_numpy()
            views += int(view.sum())
            possible += int((view & (rows["unsure"].to_numpy() != 0)).sum())
    return views, possible


def by_schema(files: list[Path]) -> list[pa.Table]:
    """What files hold, together where they have the same columns: a table costs, however few rows it has."""
    found: dict[str, list[pa.Table]] = {}
    for each in files:
        table = pq.read_table(each)
        found.setdefault(str(table.schema.remove_metadata()), []).append(table.replace_schema_metadata())
    return [pa.concat_tables(tables) for tables in found.values()]


@pytest.mark.parametrize("like", [None, "imperfect"])
def test_an_honest_shop(tmp_path: Path, like: str | None) -> None:
    shop, _ = load_replay(like=like)
    made = make_replay(tmp_path / "shop", shop=shop, breach=None, scale=0.01, events=True).folder
    files = [each for each in sorted(made.rglob("*.parquet")) if not {"truth", "context"} & set(each.parts)]
    views, possible = counted(made / "map.toml", iter(by_schema(files)))
    assert views > 200
    assert possible * 1000 <= views


def test_a_shop_whose_pages_have_forms(tmp_path: Path) -> None:
    """Every page is sent back as a form now and then. `map check` proposes to say so, and then the shop is as honest as before."""
    shop, _ = load_replay()
    made = make_replay(tmp_path / "shop", shop=shop, breach=None, scale=0.02, events=True).folder
    files = [each for each in sorted(made.rglob("*.parquet")) if not {"truth", "context"} & set(each.parts)]
    map_file = made / "map.toml"
    mapper, checker = Mapper(load_map(map_file)), MapChecker(load_map(map_file))
    tables: list[pa.Table] = []
    with Session() as session:
        for events in by_schema(files):
            view = mapper.apply(events, session).rows["view"].to_numpy()
            place = events.column_names.index("method") if "method" in events.column_names else -1
            if place < 0 or not view.any():
                continue
            asked = events.take(pa.array(view.nonzero()[0][::10]))
            forms = asked.set_column(place, "method", pa.array(["POST"] * asked.num_rows))
            tables += [events.set_column(place, "method", events["method"].cast(pa.string())), forms]
        for table in tables:
            checker.add(table, session)
    views, possible = counted(map_file, iter(tables))
    assert possible * 20 > views
    told = [(route.id, other) for route in checker.result().routes for other in route.other_methods]
    assert all(other.own == other.requests for _, other in told)  # nobody else sent any
    by_people = {route for route, other in told if other.requests >= 20 and other.clients >= 5}
    assert {route for route, other in told if other.usual} == by_people != set()
    map_file.write_text(
        map_file.read_text().replace('method = "GET"', 'method = "GET", other_methods = ["POST"]')
    )
    views, possible = counted(map_file, iter(tables))
    assert possible * 1000 <= views


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the real logs are not at {DATA} (WHOSAW_TEST_DATA)")
def test_a_real_site(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(SITE, encoding="utf-8")
    log = DATA / "elastic_examples" / "semicomplete_apache_access.log"
    settings = load_settings()
    tables = (
        parsed.events
        for content in discover([str(log)], None).contents
        for parsed in parse_all(content, settings)
    )
    views, possible = counted(tmp_path / "map.toml", tables)
    assert views > 1000
    assert possible * 1000 <= views
