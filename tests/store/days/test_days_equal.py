"""The days say what the index says, on logs of every kind, and a span what its days say one by one, in any order."""

from __future__ import annotations

import os
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.chain import replay_digest
from tests.chain.shop_log import KEY, MAP, NOW, shop_lines
from tests.chain.test_twins import BY_ID, BY_PATH, CLIENT, app, edge, read
from tests.store.days.compare import check_equal
from tests.store.days.from_old import Old, joined, rows_of

from whosaw.app.replay import made_at
from whosaw.app.scan import scan
from whosaw.build.step import Span
from whosaw.replay.damage.item import load_damage
from whosaw.replay.damage.twin import make_twin
from whosaw.replay.items import load_replay
from whosaw.replay.make import make_replay
from whosaw.store.workspace import Workspace

pytestmark = pytest.mark.usefixtures("without_detection")

TABLES = ("views", "repeats", "tries", "twins")
WIDE = bool(os.environ.get("WHOSAW_WIDE"))  # every replay; else each fourteenth


@contextmanager
def opened(root: Path) -> Iterator[Old]:
    workspace = Workspace.open(root)
    try:
        yield Old(workspace)
    finally:
        workspace.close()


def new_root(path: Path) -> Path:
    path.mkdir(parents=True)
    (path / "vault.key").write_bytes(KEY)
    (path / "vault.key").chmod(0o600)
    return path


def as_rows(made: object) -> dict[str, list[tuple]]:
    return {name: rows_of(getattr(made, name)) for name in TABLES}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(replay_digest.names())[:: 1 if WIDE else 14])
def test_of_each_replay(name: str, tmp_path: Path) -> None:
    breach_name, damage = replay_digest.DAMAGED.get(name, (name, None))
    shop, breach = load_replay(breach=breach_name)
    made = make_replay(tmp_path / "replay", shop=shop, breach=breach, seed=7, scale=replay_digest.SCALE)
    if damage is not None:
        made = make_twin(made.folder, tmp_path / "twin", load_damage(damage).damage, 7)
    logs = [str(each) for each in made_at(made.folder).logs]
    scan(logs, root := new_root(tmp_path / "w"), now=NOW, map_path=made.folder / "map.toml")
    with opened(root) as old:
        found = old.everything()
        assert found.views.num_rows
        check_equal(old, found)


def test_the_copy_with_the_smallest_digest_counts(tmp_path: Path) -> None:
    """Where the order of files decided, the digest of the file does: that and nothing else differs."""
    lines = shop_lines(400)
    (tmp_path / "map.toml").write_text(MAP)
    (tmp_path / "a.log").write_text("\n".join(lines[:300]) + "\n")
    (tmp_path / "b.log").write_text("\n".join(lines[100:]) + "\n")
    said = []
    for name, order in (("one", "ab"), ("two", "ba")):
        root = new_root(tmp_path / name)
        for each in order:
            scan([str(tmp_path / f"{each}.log")], root, now=NOW, map_path=tmp_path / "map.toml")
        with opened(root) as old:
            made = old.everything()
            assert (
                made.repeats.num_rows > 199
            )  # 200 common lines, of which some are torn, and repeats in a file
            said.append(check_equal(old, made))
            counting = {old.files[content] for content, line in said[-1].values()}
            assert counting <= {min(old.files.values())}
    assert sorted(map(bool, said)) == [
        False,
        True,
    ]  # in one of the two orders the first file has the smaller digest


@contextmanager
def small(
    files: list[list[str]], data_map: str = MAP, *, chunk: int = 1 << 22, one_by_one: bool = False
) -> Iterator[Old]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "map.toml").write_text(data_map)
        paths = []
        for at, lines in enumerate(files):
            paths.append(folder / f"{at}.log")
            paths[-1].write_text("".join(f"{line}\n" for line in lines))
        root = new_root(folder / "w")
        for step in [[each] for each in paths] if one_by_one else [paths]:
            scan([str(each) for each in step], root, now=NOW, map_path=folder / "map.toml", chunk_bytes=chunk)
        with opened(root) as old:
            yield old


POOL = [line for line in shop_lines(12_000, seed=3)[::97] if line != "torn li"]  # two days, 124 lines
few = settings(
    max_examples=12 if WIDE else 5,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@few
@given(
    st.lists(st.lists(st.sampled_from(POOL), min_size=1, max_size=30), min_size=1, max_size=3),
    st.sampled_from([300, 1 << 22]),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_of_random_cuts_orders_and_late_lines(
    files: list[list[str]], chunk: int, one_by_one: bool, dice: random.Random
) -> None:
    with small(files, chunk=chunk, one_by_one=one_by_one) as old:
        spans = old.spans()
        dice.shuffle(spans)
        by_day = {span.first: old.days(span) for span in spans}
        check_equal(old, joined(list(by_day.values())))
        segments = list(old.segments)
        dice.shuffle(segments)
        at_once = as_rows(old.days(Span(min(by_day), max(by_day)), segments=segments))
        one_after_another = as_rows(joined([by_day[day] for day in sorted(by_day)]))
        assert at_once == one_after_another


@pytest.mark.parametrize("data_map", [BY_ID, BY_PATH])
def test_of_twins(data_map: str, tmp_path: Path) -> None:
    front = [edge(n // 3, n % 5, f"r{n}", status=200 if n % 7 else 404) for n in range(200)]
    behind = [
        app(n // 3 + n % 2, n % 5 if n % 11 else 4, f"r{n}", name=f"u{n % 4}", address=CLIENT, status=200 if n % 7 else 404)
        for n in range(0, 200, 2)
    ]  # fmt: skip
    read(tmp_path, root := new_root(tmp_path / "w"), data_map, edge=front, app=behind)
    with opened(root) as old:
        made = old.everything()
        assert made.twins.num_rows > 20
        assert set(made.twins["joined"].to_pylist()) >= {False}
        check_equal(old, made)


def test_midnight_as_the_parser_has_it() -> None:
    """Leap seconds and other zones: each line is of the UTC day of its instant."""
    told = {
        "31/Dec/2016:23:59:59 +0000": (2016, 12, 31),
        "31/Dec/2016:23:59:60 +0000": (2017, 1, 1),  # a leap second is the first moment of the next minute
        "01/Jan/2017:00:00:00 +0000": (2017, 1, 1),
        "01/Jan/2017:08:59:59 +0900": (2016, 12, 31),
        "01/Jan/2017:09:00:00 +0900": (2017, 1, 1),
        "31/Dec/2016:18:59:59 -0500": (2016, 12, 31),
    }
    lines = [
        f'192.0.2.{at} - - [{time}] "GET /customers/{at}/addresses HTTP/1.1" 200 7 "-" "agent"'
        for at, time in enumerate(told)
    ]
    with small([lines, lines[:3]], one_by_one=True) as old:
        made = old.everything()
        assert made.repeats.num_rows == 3
        check_equal(old, made)
        found = Counter(date(1970, 1, 1) + timedelta(days=day) for day in made.views["day"].to_pylist())
        assert found == Counter(date(*each) for each in told.values())
