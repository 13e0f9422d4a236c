"""Makes a damaged twin of a finished replay: the same truth, beside logs that suffered."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from whosaw.core.canonical_json import pretty_json
from whosaw.core.errors import WhosawError
from whosaw.replay.dice import Dice
from whosaw.replay.write.rotation import write_text

from .account import Account
from .log_text import LogText, Outcome
from .plan import Damage, Plan, chosen
from .replay_folder import ReplayFolder, Service, read_replay

__all__ = ["Twin", "make_twin"]

Progress = Callable[[str, int, int], None]
_ACCOUNT = "damage.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """Where the twin is. `account` is what damage.json holds; lines are counted over all services."""

    folder: Path
    account_path: Path
    account: dict[str, Any]
    lines_before: int
    lines: int


def _quiet(what: str, done: int, total: int) -> None:
    """Shows no progress."""


def make_twin(
    replay: Path, twin: Path, damage: Sequence[Damage], seed: int = 1, progress: Progress = _quiet
) -> Twin:
    """Copy the replay into `twin`, which must not exist yet or be empty, and damage its logs, one kind after another.

    Truth, context and map stay as they are; the lists of lines are written anew where lines moved, and damage.json
    says what was done. Files that stay as they were are hard links where the file system allows it. The same replay,
    damage and seed give the same texts. The twin appears under its name only when it is complete; on any failure
    nothing is left. Raises `WhosawError` when `replay` is no finished replay, or the damage does not fit it.
    """
    if not 0 <= seed < 2**63:
        raise WhosawError("replay.bad-seed", "the seed is out of range", hint="Use a whole number from 0 up")
    if twin.exists() and (not twin.is_dir() or any(twin.iterdir())):
        hint = "Name a folder that does not exist, or remove this one"
        raise WhosawError("replay.exists", f"{twin} is there already", hint=hint)
    source = read_replay(replay)
    if (replay / _ACCOUNT).exists():
        hint = "Damage the replay that it was made from; an item may name several kinds"
        raise WhosawError("replay-damage.twice", f"{replay} is damaged already", hint=hint)
    _check_fits(source, damage)
    twin.parent.mkdir(parents=True, exist_ok=True)
    unfinished = twin.parent / f".{twin.name}.unfinished"
    # left behind when an earlier run was killed; never a finished folder
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        account = _Making(source, unfinished, damage, seed, progress).run()
        if twin.exists():
            twin.rmdir()
        unfinished.rename(twin)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return Twin(
        folder=twin,
        account_path=twin / _ACCOUNT,
        account=account,
        lines_before=account["lines_before"],
        lines=account["lines"],
    )


def _check_fits(source: ReplayFolder, damage: Sequence[Damage]) -> None:
    if any(file.name.endswith(".parquet") for service in source.services for file in service.files):
        hint = "Make the replay without --events"
        raise WhosawError("replay-damage.no-text", "the replay holds events and no lines of text", hint=hint)
    known = {service.id for service in source.services}
    unknown = sorted({name for each in damage for name in each.services} - known)
    if unknown:
        message = f"the replay has no service named {', '.join(unknown)}"
        raise WhosawError(
            "replay-damage.unknown-service", message, hint=f"It has: {', '.join(sorted(known))}"
        )


class _Making:
    """One twin in the making."""

    def __init__(
        self, source: ReplayFolder, folder: Path, damage: Sequence[Damage], seed: int, progress: Progress
    ) -> None:
        self.source, self.folder, self.seed, self.progress = source, folder, seed, progress
        self.plans: list[Plan] = []
        self.accounts: list[Account] = []
        for at, each in enumerate(damage):
            plan = each.plan(source, partial(_dice, seed, f"damage {at} {each.kind}"))
            self.plans.append(plan)
            self.accounts.append(Account(each, plan.hours))
        self.taken = {(service.id, file.name) for service in source.services for file in service.files}
        self.done = 0
        self.total = sum(len(service.files) for service in source.services)
        self.lines_before = self.lines = 0

    def run(self) -> dict[str, Any]:
        """Everything; the account comes back."""
        in_lists = {
            f"{service.folder}/{file.name}" for service in self.source.services for file in service.files
        }
        in_lists |= {service.lines_path for service in self.source.services}
        for path in sorted(self.source.folder.rglob("*")):
            name = path.relative_to(self.source.folder).as_posix()
            if path.is_file() and name not in in_lists:
                _link(path, self.folder / name)
        for service in self.source.services:
            self._service(service)
        self._remove_missing()
        for plan in self.plans:
            for name, paper in plan.papers().items():
                _write_json(self.folder / name, paper)
        path = self.folder / _ACCOUNT
        _write_json(path, self._account())
        stated: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return stated

    def _account(self) -> dict[str, Any]:
        digest = hashlib.sha256((self.source.folder / "truth.json").read_bytes()).hexdigest()
        return {
            "made_by": "whosaw replay damage; the truth beside it is what happened before the damage",
            "truth_sha256": digest,
            "seed": self.seed,
            "lines_before": self.lines_before,
            "lines": self.lines,
            "damage": [account.as_json() for account in self.accounts],
        }

    def _service(self, service: Service) -> None:
        wanted = {
            file.name for file in service.files if any(plan.touches(service, file) for plan in self.plans)
        }
        lines_path = self.source.folder / service.lines_path
        if not wanted:
            for file in service.files:
                self._keep(service, file.name, file.lines)
            _link(lines_path, self.folder / service.lines_path)
            return
        target = self.folder / service.lines_path
        target.parent.mkdir(parents=True, exist_ok=True)
        schema = pq.read_schema(lines_path)
        with pq.ParquetWriter(target, schema, compression="zstd") as writer:
            for name, marks, text in self.source.texts(service, wanted):
                if text is None:
                    self._keep(service, name, len(marks))
                    writer.write_table(marks)
                    continue
                for rows in self._damaged(service, text):
                    writer.write_table(rows.cast(schema))

    def _keep(self, service: Service, name: str, lines: int) -> None:
        path = f"{service.folder}/{name}"
        _link(self.source.folder / path, self.folder / path)
        self.lines_before += lines
        self.lines += lines
        self._step()

    def _damaged(self, service: Service, text: LogText) -> list[pa.Table]:
        """Write what becomes of one text; back come its rows in the list of lines."""
        texts = [text]
        for plan, account in zip(self.plans, self.accounts, strict=True):
            after: list[LogText] = []
            for each in texts:
                outcome = self._named(service, each, plan.apply(each))
                account.enter(service.folder, each, outcome)
                after += outcome.texts
            texts = after
        self.lines_before += len(text)
        original = self.source.folder / service.folder / text.name
        for each in texts:
            self.lines += len(each)
            path = self.folder / service.folder / each.name
            if each.name == text.name and each.lines is text.lines:
                _link(original, path)
            else:
                _write(each, path, original.stat().st_mtime_ns // 1_000_000)
        self._step()
        return [_rows(each) for each in texts]

    def _named(self, service: Service, text: LogText, outcome: Outcome) -> Outcome:
        """The outcome with another name for every new file whose name is taken."""
        names: dict[str, str] = {}
        for each in outcome.texts:
            if each.name != text.name:
                stem, packing = each.name.removesuffix(".gz"), ".gz" if each.name.endswith(".gz") else ""
                free = (stem + end + packing for end in ("", *(f".{at}" for at in range(2, 1000))))
                names[each.name] = next(name for name in free if (service.id, name) not in self.taken)
                self.taken.add((service.id, names[each.name]))
        if not names:
            return outcome
        return replace(
            outcome,
            texts=tuple(replace(each, name=names.get(each.name, each.name)) for each in outcome.texts),
            added={names.get(name, name): count for name, count in outcome.added.items()},
        )

    def _step(self) -> None:
        self.done += 1
        self.progress("damaging", self.done, self.total)

    def _remove_missing(self) -> None:
        """A source that is missing leaves no folder behind, not even one with files that hold no request."""
        for account in self.accounts:
            if account.damage.kind == "missing-source":
                for service in chosen(self.source, account.damage.services):
                    shutil.rmtree(self.folder / service.folder, ignore_errors=True)


def _dice(seed: int, damage: str, name: str) -> Dice:
    return Dice(seed, f"{damage} {name}")


def _rows(text: LogText) -> pa.Table:
    """The text's rows of the list of lines, with the line numbers that it has now."""
    marks = text.marks
    listed = marks["line"].is_valid()
    schema = marks.schema
    values = {
        "line": pa.array(np.arange(1, len(text) + 1, dtype=np.int64)),
        "file": pa.array([text.name], pa.string()).take(pa.array(np.zeros(len(text), dtype=np.int64))),
    }
    for name, column in values.items():
        at = schema.get_field_index(name)
        kind = schema.field(at).type
        new = column.dictionary_encode().cast(kind) if pa.types.is_dictionary(kind) else column.cast(kind)
        marks = marks.set_column(at, schema.field(at), new)
    return marks.filter(listed)


def _write(text: LogText, path: Path, changed_ms: int) -> None:
    """Write a log as the maker does, last changed at that time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pieces = [(len(text), memoryview(text.content()))]
    write_text(path, pieces, packed=path.suffix == ".gz", rotated_ms=changed_ms)


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(pretty_json(value) + "\n", encoding="utf-8")


def _link(original: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(original, path)
    except OSError:  # another file system, or one without links
        shutil.copy2(original, path)
