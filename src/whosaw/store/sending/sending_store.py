"""Attempts to tell people: leased, handed over, answered. One process sends at a time; whoever asks sees the last whole state."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from whosaw.core.errors import WhosawError
from whosaw.store import statements as sa

from .attempts_written import count_moved, move_attempts
from .sending_tables import GUARDS, sending_tables

__all__ = [
    "ACCEPTED",
    "BOUNCED",
    "DEFERRED",
    "HANDED",
    "LEASED",
    "PLANNED",
    "REPLACED",
    "UNDELIVERABLE",
    "UNKNOWN",
    "Attempt",
    "Back",
    "Job",
    "Outcome",
    "PartRow",
    "SendingRow",
    "SendingStore",
    "Tally",
]

PLANNED: Final = "planned"
LEASED: Final = "leased"
HANDED: Final = "handed over"
ACCEPTED: Final = "accepted"
DEFERRED: Final = "deferred"
BOUNCED: Final = "bounced"
UNKNOWN: Final = "unknown"
UNDELIVERABLE: Final = "undeliverable"
REPLACED: Final = "replaced"
_FILE: Final = "sending.sqlite"
_CUT: Final = "the run ended before a reply was on disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingRow:
    """One frozen list of recipients. `frozen` is in microseconds since 1970 UTC; `manifest` names the file that says what was frozen."""

    id: int
    case: str
    version: int
    since: int | None
    frozen: int
    manifest: str
    entry: int
    stopped: str | None


@dataclass(frozen=True, slots=True, order=True)
class Job:
    """A recipient that was leased for one attempt, the `n`th, by one channel."""

    part: int
    row: int
    n: int
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended: its state, the reply, and when it is tried again (microseconds) where it is."""

    job: Job
    state: str
    code: int | None = None
    reply: str = ""
    next: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An attempt as it stands on disk. Instants are microseconds since 1970 UTC."""

    part: int
    row: int
    n: int
    channel: str
    state: str
    handed: int | None
    answered: int | None
    next: int | None
    code: int | None
    reply: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """All recipients of one channel and wave: how many, and the first that was never leased."""

    part: int
    channel: str
    wave: int
    rows: int
    next: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """What came back of an attempt: the digest of what said it, what it says, and the state that the attempt ends in by it, where it does."""

    sending: int
    job: Job
    digest: str
    kind: str
    status: str
    ends: str | None


_Steps = Sequence[tuple[Sequence[Sequence[Any]], Sequence[str], str, Counter[tuple[str, str]]]]
Tally = Mapping[tuple[str, str], int]  # people by channel and state of the last attempt


class SendingStore:
    """The attempts of the workspace in `root`. Close it when done."""

    def __init__(self, root: Path) -> None:
        self._path = root / _FILE
        self._lock = root / "sending.lock"
        with _clear_faults():
            self._connection = sa.Connection.open(f"file:{quote(os.fsencode(self._path))}")
            for setting in ("journal_mode = WAL", "synchronous = FULL"):
                self._connection.run(f"PRAGMA {setting}")
            with self._writing() as connection:
                for table in vars(sending_tables).values():
                    if isinstance(table, sa.Table):
                        table.create(connection)
                for each in GUARDS:
                    connection.run(each)

    @classmethod
    def there(cls, root: Path) -> bool:
        """Whether anything was ever frozen in this workspace."""
        return (root / _FILE).is_file()

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def sender(self) -> Iterator[None]:
        """Be the one who sends; refused while another process is."""
        with _alone(self._lock):
            yield

    @contextmanager
    def freezing(self) -> Iterator[None]:
        """Be the one who freezes, or changes what was frozen; refused while another process is."""
        with _alone(self._lock.with_name("freezing.lock")):
            yield

    # -- what is sent

    def add(
        self,
        *,
        case: str,
        version: int,
        since: int | None,
        frozen: int,
        manifest: str,
        entry: int,
        parts: Sequence[PartRow],
    ) -> int:
        """A new sending with its parts; returns its number."""
        with self._writing() as connection:
            number = connection.execute(
                sending_tables.sending.insert().values(
                    case=case, version=version, since=since, frozen=frozen, manifest=manifest, entry=entry
                )
            ).key
            if parts:
                made = [{"sending": number, **asdict(each)} for each in parts]
                connection.execute(sending_tables.part.insert(), made)
        return number

    def sendings(self, case: str) -> list[SendingRow]:
        """All of a case, by version."""
        table = sending_tables.sending
        query = sa.select(table).where(table.c.case == case).order_by(table.c.version, table.c.id)
        return [SendingRow(**row) for row in self._rows(query)]

    def every(self) -> list[SendingRow]:
        """All of all cases, in the order in which they were frozen."""
        table = sending_tables.sending
        return [SendingRow(**row) for row in self._rows(sa.select(table).order_by(table.c.id))]

    def find(self, case: str, version: int | None = None) -> SendingRow:
        """The one of a version, the last where none is named. Raises `WhosawError` where there is none."""
        found = [each for each in self.sendings(case) if version is None or each.version == version]
        if not found:
            which = f" of version {version}" if version is not None else ""
            raise WhosawError(
                "notice.nothing-frozen",
                f"no recipients{which} of case {case!r} are frozen",
                hint="`whosaw notice freeze` does that",
            )
        return found[-1]

    def release(self, sending: int, wave: int, *, time: int, who: str, entry: int) -> None:
        """A person released a wave; what had stopped the sending is over."""
        with self._writing() as connection:
            known = sa.select(sending_tables.release.c.wave).where(
                sending_tables.release.c.sending == sending, sending_tables.release.c.wave == wave
            )
            if connection.execute(known).first() is None:
                row = {"sending": sending, "wave": wave, "time": time, "who": who, "entry": entry}
                connection.execute(sending_tables.release.insert(), row)
            table = sending_tables.sending
            connection.execute(table.update().where(table.c.id == sending).values(stopped=None))

    def released(self, sending: int) -> list[int]:
        """The waves that were released."""
        table = sending_tables.release
        query = sa.select(table.c.wave).where(table.c.sending == sending).order_by(table.c.wave)
        return [row["wave"] for row in self._rows(query)]

    def stop(self, sending: int, why: str) -> None:
        """Nothing more goes before a person releases again."""
        table = sending_tables.sending
        with self._writing() as connection:
            connection.execute(table.update().where(table.c.id == sending).values(stopped=why))

    # -- attempts

    def recover(self, sending: int, *, now: int) -> tuple[int, int]:
        """After a run that was cut short: what had been handed over is unknown from now on, what was only leased is planned again.
        Returns how many of each. Only for the one who sends."""
        with self._writing() as connection:
            left = [(HANDED, UNKNOWN), (LEASED, PLANNED)]
            found: list[int] = []
            for old, new in left:
                counted = connection.execute(
                    sa.text(
                        "SELECT channel, count(*) FROM attempt WHERE sending = :s AND state = :old GROUP BY channel"
                    ),
                    {"s": sending, "old": old},
                )
                moved = {str(channel): int(people) for channel, people in counted}
                found.append(sum(moved.values()))
                if not moved:
                    continue
                told = ", reply = :why" if new == UNKNOWN else ""
                following = ":now" if new == PLANNED else "NULL"
                connection.execute(
                    sa.text(
                        f'UPDATE attempt SET state = :new, "next" = {following}{told} WHERE sending = :s AND state = :old'
                    ),
                    {"s": sending, "old": old, "new": new, "now": now, "why": _CUT},
                )
                for channel, people in moved.items():
                    count_moved(
                        connection, sending, Counter({(channel, old): -people, (channel, new): people})
                    )
        return found[0], found[1]

    def lease(self, sending: int, channel: str, *, now: int, most: int) -> list[Job]:
        """Up to `most` recipients whose turn it is, each for one attempt: those put off until now first, then those of released waves that
        nobody tried yet, in their order. None where the sending is stopped."""
        with self._writing() as connection:
            stopped = connection.execute(
                sa.text("SELECT stopped FROM sending WHERE id = :s"), {"s": sending}
            ).scalar()
            if stopped is not None:
                return []
            jobs = self._again(connection, sending, channel, now, most)
            if len(jobs) < most:
                jobs += self._fresh(connection, sending, channel, most - len(jobs))
        return jobs

    def _again(self, connection: sa.Connection, sending: int, channel: str, now: int, most: int) -> list[Job]:
        due = connection.execute(
            sa.text(
                'SELECT part, "row", n, state FROM attempt WHERE sending = :s AND channel = :channel AND "next" <= :now '
                'ORDER BY "next", part, "row" LIMIT :most'
            ),
            {"s": sending, "channel": channel, "now": now, "most": most},
        )
        jobs, moved = [], Counter[tuple[str, str]]()
        for part, row, n, state in list(due):
            at = {"s": sending, "part": part, "row": row, "n": n}
            if state == PLANNED:
                connection.execute(
                    sa.text(f"UPDATE attempt SET state = '{LEASED}', \"next\" = NULL {_AT}"), at
                )
                job = Job(part, row, n, channel)
            else:  # the attempt before stays as it ended
                connection.execute(sa.text(f'UPDATE attempt SET "next" = NULL {_AT}'), at)
                job = Job(part, row, n + 1, channel)
                connection.execute(sending_tables.attempt.insert(), _leased(sending, job))
            moved.update({(channel, LEASED): 1})
            moved.subtract({(channel, state): 1})
            jobs.append(job)
        count_moved(connection, sending, moved)
        return jobs

    def _fresh(self, connection: sa.Connection, sending: int, channel: str, most: int) -> list[Job]:
        parts = connection.execute(
            sa.text(
                'SELECT p.part, p."next", p."rows" FROM part AS p JOIN release AS r ON r.sending = p.sending AND r.wave = p.wave '
                'WHERE p.sending = :s AND p.channel = :channel AND p."next" < p."rows" ORDER BY p.wave, p.part'
            ),
            {"s": sending, "channel": channel},
        )
        jobs: list[Job] = []
        for part, start, rows in list(parts):
            stop = min(rows, start + most - len(jobs))
            jobs += [Job(part, row, 1, channel) for row in range(start, stop)]
            connection.execute(
                sa.text('UPDATE part SET "next" = :stop WHERE sending = :s AND part = :part'),
                {"s": sending, "part": part, "stop": stop},
            )
            if len(jobs) == most:
                break
        if jobs:
            connection.execute(sending_tables.attempt.insert(), [_leased(sending, job) for job in jobs])
            count_moved(connection, sending, Counter({(channel, LEASED): len(jobs)}))
        return jobs

    def write(
        self,
        sending: int,
        *,
        handed: Iterable[Job] = (),
        outcomes: Iterable[Outcome] = (),
        put_off: Iterable[tuple[Job, int]] = (),
        now: int,
    ) -> None:
        """Put down in one transaction, and on disk when this returns: what ended, what is about to be handed over, and what was leased,
        or was to be handed over and never left, and is put off to a time. Raises where an attempt is not in the state that this follows from."""
        self.prepare(sending, handed=handed, outcomes=outcomes, put_off=put_off, now=now)
        self.flush()

    def prepare(
        self,
        sending: int,
        *,
        handed: Iterable[Job] = (),
        outcomes: Iterable[Outcome] = (),
        put_off: Iterable[tuple[Job, int]] = (),
        now: int,
    ) -> None:
        """The same without waiting for the disk: the transaction stays open, and nothing else is put down, until `flush`."""
        ended, leaving, off = list(outcomes), list(handed), list(put_off)
        steps: _Steps = (
            (
                [(*_place(each.job), each.state, each.code, each.reply or None, each.next) for each in ended],
                (HANDED, LEASED),
                'state = g.a, answered = :now, code = g.b, reply = g.c, "next" = g.d',
                Counter((each.job.channel, each.state) for each in ended),
            ),
            (
                [_place(job) for job in leaving],
                (LEASED,),
                f"state = '{HANDED}', handed = :now",
                Counter((job.channel, HANDED) for job in leaving),
            ),
            (
                [(*_place(job), until) for job, until in off],
                (LEASED, HANDED),
                f"state = '{PLANNED}', handed = NULL, \"next\" = g.a",
                Counter((job.channel, PLANNED) for job, _ in off),
            ),
        )
        with _clear_faults():
            self._connection.begin(write=True)
            done = False
            try:
                self._put_down(sending, steps, now)
                done = True
            finally:
                if not done:
                    self._connection.rollback()

    def _put_down(self, sending: int, steps: _Steps, now: int) -> None:
        for rows, among, sets, moved in steps:
            were = move_attempts(self._connection, sending, rows, among=among, sets=sets, now=now)
            if were is None:
                raise _out_of_step(rows)
            moved.subtract(were)
            count_moved(self._connection, sending, moved)

    def flush(self) -> None:
        """What was prepared is on disk when this returns. It may run in a thread of its own."""
        with _clear_faults():
            try:
                self._connection.commit()
            finally:
                self._connection.rollback()  # where it did not come to its end

    def next_due(self, sending: int, channel: str) -> int | None:
        """When the next recipient that was put off is to be tried; None where none was."""
        found = self._connection.execute(
            sa.text(
                'SELECT min("next") FROM attempt WHERE sending = :s AND channel = :channel AND "next" IS NOT NULL'
            ),
            {"s": sending, "channel": channel},
        ).scalar()
        return None if found is None else int(found)

    def tries(self, sending: int, job: Job) -> tuple[int, int | None]:
        """How often a recipient was answered "later" by this channel, and when it was handed over first."""
        found = self._connection.execute(
            sa.text(
                'SELECT count(*), min(answered) FROM attempt WHERE sending = :s AND part = :part AND "row" = :row AND channel = :channel '
                f"AND state = '{DEFERRED}'"
            ),
            {"s": sending, "part": job.part, "row": job.row, "channel": job.channel},
        ).first()
        assert found is not None
        return int(found[0]), found[1]

    # -- what came back

    def came_back(self, told: Sequence[Back], *, now: int) -> list[str]:
        """Put down what came back, in one transaction. With `ends` an attempt is of that state from now on, if the server had taken it or nobody
        knew. Returns for each `known` (this message was read before), `changed`, `again` (the attempt had ended so already), `noted`, or
        `unknown` where there is no such attempt."""
        with self._writing() as connection:
            return [_came_back(connection, each, now) for each in told]

    def settle(self, sending: int, *, state: str, now: int) -> int:
        """A person decided of all that is unknown: it was taken (`ACCEPTED`), or it goes again (`DEFERRED`). Returns how many."""
        following = now if state == DEFERRED else None
        with self._writing() as connection:
            counted = connection.execute(
                sa.text(
                    f"SELECT channel, count(*) FROM attempt WHERE sending = :s AND state = '{UNKNOWN}' GROUP BY channel"
                ),
                {"s": sending},
            )
            moved = {str(channel): int(people) for channel, people in counted}
            connection.execute(
                sa.text(
                    f"UPDATE attempt SET state = :state, \"next\" = :next WHERE sending = :s AND state = '{UNKNOWN}'"
                ),
                {"s": sending, "state": state, "next": following},
            )
            for channel, people in moved.items():
                count_moved(
                    connection, sending, Counter({(channel, UNKNOWN): -people, (channel, state): people})
                )
        return sum(moved.values())

    def replace(self, sending: int, job: Job, channel: str, *, now: int) -> None:
        """Another channel takes over from an attempt that failed: `job` with its own channel, and the new one."""
        with self._writing() as connection:
            found = connection.execute(
                sa.text(f"SELECT state FROM attempt {_AT}"), _key(sending, job)
            ).first()
            if found is None or found[0] not in (BOUNCED, UNDELIVERABLE):
                raise _out_of_step([_place(job)])
            connection.execute(sa.text(f"UPDATE attempt SET state = '{REPLACED}' {_AT}"), _key(sending, job))
            moved = Counter({(job.channel, str(found[0])): -1, (channel, PLANNED): 1})
            following = Job(job.part, job.row, job.n + 1, channel)
            made = {**_leased(sending, following), "state": PLANNED, "next": now}
            connection.execute(sending_tables.attempt.insert(), made)
            count_moved(connection, sending, moved)

    def complaints(self, sending: int) -> int:
        """How many people said that a notice is spam, each once."""
        found = self._connection.execute(
            sa.text(
                "SELECT count(DISTINCT part || '/' || \"row\") FROM bounce WHERE sending = :s AND kind = 'complaint'"
            ),
            {"s": sending},
        ).scalar()
        return int(found or 0)

    # -- answers

    def tally(self, sending: int) -> Tally:
        """People by channel and state of their last attempt; who was never leased is not in it."""
        table = sending_tables.tally
        query = sa.select(table.c.channel, table.c.state, table.c.people).where(table.c.sending == sending)
        return {(row["channel"], row["state"]): row["people"] for row in self._rows(query) if row["people"]}

    def untouched(self, sending: int) -> dict[str, int]:
        """By channel: how many recipients were never leased."""
        found = self._connection.execute(
            sa.text('SELECT channel, sum("rows" - "next") FROM part WHERE sending = :s GROUP BY channel'),
            {"s": sending},
        )
        return {str(channel): int(people) for channel, people in found if people}

    def parts(self, sending: int) -> list[PartRow]:
        """Its parts, in order."""
        table = sending_tables.part.c
        query = sa.select(table.part, table.channel, table.wave, table.rows, table.next)
        return [
            PartRow(**row) for row in self._rows(query.where(table.sending == sending).order_by(table.part))
        ]

    def attempts(self, sending: int, *, state: str | None = None) -> Iterator[Attempt]:
        """Every attempt, or those of one state, in the order of their recipients."""
        names = 'part, "row", n, channel, state, handed, answered, "next", code, reply'
        wanted = "" if state is None else " AND state = :state"
        found = self._connection.execute(
            sa.text(f'SELECT {names} FROM attempt WHERE sending = :s{wanted} ORDER BY part, "row", n'),
            {"s": sending, "state": state},
        )
        for each in found:
            yield Attempt(
                part=each[0], row=each[1], n=each[2], channel=each[3], state=each[4],
                handed=each[5], answered=each[6], next=each[7], code=each[8], reply=each[9],
            )  # fmt: skip

    def recount(self, sending: int) -> Tally:
        """What `tally` should be, out of the attempts themselves."""
        found = self._connection.execute(
            sa.text(
                "SELECT channel, state, count(*) FROM attempt AS a WHERE sending = :s AND n = (SELECT max(n) FROM attempt AS b "
                'WHERE b.sending = a.sending AND b.part = a.part AND b."row" = a."row") GROUP BY channel, state'
            ),
            {"s": sending},
        )
        return {(str(channel), str(state)): int(people) for channel, state, people in found}

    def _rows(self, query: sa.Select) -> list[dict[str, Any]]:
        return list(self._connection.execute(query).mappings())

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with _clear_faults():
            self._connection.begin(write=True)
            try:
                yield self._connection
                self._connection.commit()
            finally:
                self._connection.rollback()  # where it did not come to its end


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with open(lock, "a", encoding="ascii") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            raise WhosawError(
                "notice.sending",
                f"another process {'sends' if lock.name == 'sending.lock' else 'freezes'} notices of {lock.parent}",
                hint="Wait for it to end; `whosaw notice status` says how far it is",
            ) from fault
        yield


_AT: Final = 'WHERE sending = :s AND part = :part AND "row" = :row AND n = :n'


def _came_back(connection: sa.Connection, told: Back, now: int) -> str:
    sending, job, ends = told.sending, told.job, told.ends
    at = _key(sending, job)
    known = sa.text("SELECT 1 FROM bounce WHERE digest = :digest")
    if connection.execute(known, {"digest": told.digest}).first():
        return "known"
    found = connection.execute(sa.text(f"SELECT state, channel FROM attempt {_AT}"), at).first()
    if found is None:
        return "unknown"
    state, channel = str(found[0]), str(found[1])
    changed = ends is not None and state in {ACCEPTED, UNKNOWN} and state != ends
    if changed:
        connection.execute(
            sa.text(f"UPDATE attempt SET state = :ends, reply = :status {_AT}"),
            {**at, "ends": ends, "status": f"{told.kind} {told.status}".strip()},
        )
        count_moved(connection, sending, Counter({(channel, state): -1, (channel, str(ends)): 1}))
    connection.execute(
        sending_tables.bounce.insert(),
        {
            "digest": told.digest, "sending": sending, "part": job.part, "row": job.row, "kind": told.kind,
            "status": told.status, "read": now, "changed": changed,
        },
    )  # fmt: skip
    if changed:
        return "changed"
    return "again" if ends is not None and state == ends else "noted"


def _key(sending: int, job: Job) -> dict[str, object]:
    return {"s": sending, "part": job.part, "row": job.row, "n": job.n}


def _leased(sending: int, job: Job) -> dict[str, object]:
    return {
        "sending": sending, "part": job.part, "row": job.row, "n": job.n, "channel": job.channel, "state": LEASED,
    }  # fmt: skip


def _out_of_step(rows: Sequence[Sequence[Any]]) -> WhosawError:
    of = f"attempt {rows[0][2]} of recipient {rows[0][0]}/{rows[0][1]} is"
    return WhosawError(
        "notice.out-of-step",
        f"{of if len(rows) == 1 else f'one of {len(rows):,} attempts is'} not where it was left",
        hint="Somebody changed sending.sqlite; restore the workspace from a backup",
    )


def _place(job: Job) -> tuple[int, int, int]:
    return job.part, job.row, job.n


@contextmanager
def _clear_faults() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as fault:
        reason = (str(fault) or type(fault).__name__).splitlines()[0]
        raise WhosawError(
            "notice.store",
            f"what is on disk of the sending could not be used ({reason})",
            hint="Check free space and that no other program holds sending.sqlite",
        ) from fault
