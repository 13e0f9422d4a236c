"""A replay in shares, each of which can be made by itself, on any machine that sees the folder, and as often as need be.

A share is some days, or the table of lines of one service. What it makes goes under names that hold its digest, so that a second
attempt, or two at once, meet each other harmlessly; whoever asked for it puts it where it belongs.
"""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event
from typing import Any, Protocol, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from whosaw.core.errors import WhosawError

from .breach_item import Breach
from .context_tables import Growing
from .days import Days
from .dice import Bools, Ints
from .logs import Logs
from .people import make_people
from .setting import make_setting
from .shop_item import Shop
from .truth.count import TruthAccount
from .truth.parts import packed
from .truth.tables import LinesTable

__all__ = ["SHARES", "DaysShare", "Hands", "LinesShare", "Maker", "Plan", "Share", "checked"]

SHARES = ".shares"
"""The folder below that of the replay where shares lie until all of them are there."""
_RAW = pa.schema({"time": pa.int64(), "part": pa.int16(), "carries": pa.bool_()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What all shares of a replay have in common. `folder` is absolute, and the same folder on every machine."""

    folder: Path
    shop: Shop
    breach: Breach | None
    seed: int
    scale: float
    formats: tuple[str, ...]
    events: bool
    packed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysShare:
    """The days from `first` up to, not including, `end`. So many days before them are made with them, whose requests may run into them."""

    first: int
    end: int
    back: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesShare:
    """Whose the lines of a service are: the pieces that shares of days left of it, each with names of files and how many lines they have."""

    service: int
    pieces: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]


Share = DaysShare | LinesShare


class Hands(Protocol):
    """Whoever makes shares."""

    @property
    def many(self) -> int:
        """How many are made at once, at least 1."""
        ...

    def make(self, plan: Plan, shares: Sequence[Share]) -> Iterator[Mapping[str, Any]]:
        """What `Maker.told` says of each, in their order."""
        ...


class Maker:
    """Makes shares of one replay, in the process that it is in."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._setting = make_setting(plan.shop, plan.breach, plan.seed, plan.scale)
        self._people = make_people(self._setting)
        self._days = Days(self._setting, self._people)
        self._shares = plan.folder / SHARES

    def told(self, share: Share) -> dict[str, Any]:
        """Make it. What is told holds names, counts and digests, as JSON has them."""
        with self._apart() as folder:
            return (
                self._lines(folder, share)
                if isinstance(share, LinesShare)
                else self._some_days(folder, share)
            )

    @contextmanager
    def _apart(self) -> Iterator[Path]:
        folder = self._shares / f"part-{uuid.uuid4().hex}"
        folder.mkdir()  # not its parents: who was given up finds no place to write
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _kept(self, path: Path, kind: str) -> str:
        """Put a file beside the others; returns its name, which holds its digest."""
        name = f"{_digest(path)}.{kind}"
        path.replace(self._shares / name)
        return name

    def _some_days(self, folder: Path, share: DaysShare) -> dict[str, Any]:
        plan, setting, days = self._plan, self._setting, self._days
        services, account = setting.shop.service, TruthAccount(setting, self._people)
        files: list[dict[str, Any]] = []
        with ExitStack() as stack:
            logs = Logs(
                setting,
                folder,
                plan.formats,
                events=plan.events,
                packed=plan.packed,
                executor=_Here(),
                stop=Event(),
            )
            tables = [stack.enter_context(_RawLines(folder / f"lines-{at}")) for at in range(len(services))]
            logins, tickets = (
                stack.enter_context((folder / each).open("wb")) for each in ("logins", "tickets")
            )
            growing = Growing(setting, self._people, logins, tickets)
            if share.first == 0:
                growing.add("before", days.before)
            days.begin(share.first - share.back)
            for day in range(share.first - share.back, share.end):
                whole = days.next()
                if day < share.first:
                    continue
                carries = account.add(whole.traffic)
                for written in logs.write(whole, carries, tables):
                    each = written.result()
                    kept = self._kept(folder / each.folder / each.file.name, f"{each.service}-{day}")
                    files.append(
                        {
                            "service": each.service,
                            "folder": each.folder,
                            "file": asdict(each.file),
                            "kept": kept,
                        }
                    )
                growing.add(f"day {day}", whole.issued, whole.tickets)
        (folder / "account").write_bytes(packed(account))
        return {
            "files": files,
            "reach": list(days.reach.items()),
            "lines": [
                {"kept": self._kept(folder / f"lines-{at}", "lines"), "files": table.files}
                if table.files
                else None
                for at, table in enumerate(tables)
            ],
            **{name: self._kept(folder / name, name) for name in ("account", "logins", "tickets")},
        }

    def _lines(self, folder: Path, share: LinesShare) -> dict[str, Any]:
        actors = [part.actor for part in self._setting.parts]
        with LinesTable(folder / "lines.parquet") as table:
            for name, files in share.pieces:
                with pa.memory_map(str(checked(self._shares, name))) as source:
                    reader = pa.ipc.open_file(source)
                    for at, (file, many) in enumerate(files):
                        batch = reader.get_batch(at)
                        assert batch.num_rows == many
                        time, part, carries = (
                            column.to_numpy(zero_copy_only=False) for column in batch.columns
                        )
                        table.add(file, time, part, actors, carries)
        return {"kept": self._kept(folder / "lines.parquet", "parquet")}


class _RawLines:
    """What a table of lines is made from, a batch for each file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.files: list[tuple[str, int]] = []

    def __enter__(self) -> Self:
        self._writer = pa.ipc.new_file(str(self._path), _RAW)
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def add(self, file: str, time: Ints, part: NDArray[np.int16], actors: list[str], carries: Bools) -> None:  # noqa: ARG002  # as `LinesTable` has it
        self.files.append((file, len(time)))
        self._writer.write_batch(
            pa.record_batch([pa.array(time), pa.array(part), pa.array(carries)], schema=_RAW)
        )


class _Here(Executor):
    """Does at once what it is given: a share has one core."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


def checked(folder: Path, name: str) -> Path:
    """The file of that name, which holds what its name says. Raises `WhosawError` where it does not."""
    path = folder / name
    if path.parent != folder or not path.is_file() or _digest(path) != name.partition(".")[0]:
        raise WhosawError(
            "replay.share",
            f"a share of the replay does not hold what its name says ({name})",
            hint="Every machine has to see the folder of the replay under the same path, on a file system that they share",
        )
    return path


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
