"""Each party once, and again at ten times as many persons; a sink that is down gets it later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.findings import a_finding, people

from whosaw.alert import Alert, SinkDownError
from whosaw.alert.outbox import Outbox, Sender, names_of, step_of
from whosaw.core.document import object_of
from whosaw.core.finding import Finding, finding_id
from whosaw.store import statements as sa
from whosaw.store.journal import Journal, tables
from whosaw.store.upgrading import LAYOUT

START = datetime(2025, 11, 17, 7, 0, tzinfo=UTC)
ONE, OTHER = "1" * 32, "2" * 32  # digests of actors


class Clock:
    """A time that moves when it is told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Memory:
    """A sink that remembers, and is down when it is told to be."""

    name = "memory"

    def __init__(self) -> None:
        self.down = False
        self.got: list[tuple[str, str]] = []
        self.joined: list[tuple[str, ...]] = []
        self.asked: list[bool] = []

    def send(self, alert: Alert, *, perhaps_sent: bool) -> None:
        self.asked.append(perhaps_sent)
        if self.down:
            raise SinkDownError("answered 503")
        self.got.append((alert.key, alert.news))
        self.joined.append(alert.joined)

    def close(self) -> None:
        pass


def finding(*actors: str, persons: int = 32) -> Finding:
    """A finding that has the id of the first flag, and of which those of the others are part."""
    ids = [finding_id("walk", "clause", each) for each in actors]
    return a_finding(id=ids[0], parts=tuple(ids[1:]), counts=people(persons, None))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal.at(tmp_path / "journal.sqlite", who="tests")
    made.create()
    yield made
    made.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def offer(journal: Journal, *findings: Finding, sinks: tuple[str, ...] = ("memory",), at: float = 0) -> int:
    """By a new outbox each time, as after a restart."""
    return Outbox(journal, sinks).offer(findings, now=START + timedelta(seconds=at), also={})


def sender(journal: Journal, sink: Memory, clock: Clock, told: list[str] | None = None) -> Sender:
    said = told if told is not None else []
    return Sender(journal, sink, clock=clock, told=said.append)


KEY = finding_id("walk", "clause", ONE)
OTHER_KEY = finding_id("walk", "clause", OTHER)


@pytest.mark.parametrize(("persons", "step"), [(0, 0), (1, 0), (9, 0), (10, 1), (99, 1), (100, 2), (999, 2), (1000, 3), (33_700_000, 7)])  # fmt: skip
def test_a_step_is_a_power_of_ten(persons: int, step: int) -> None:
    assert step_of(finding(ONE, persons=persons)) == step


def test_a_finding_has_the_names_of_what_is_part_of_it() -> None:
    assert names_of(finding(ONE, OTHER)) == [KEY, OTHER_KEY]


def test_the_same_finding_is_offered_once(journal: Journal) -> None:
    assert offer(journal, finding(ONE)) == 1
    assert offer(journal, finding(ONE, persons=99)) == 0


def test_ten_times_as_many_persons_are_news(journal: Journal, clock: Clock) -> None:
    sink = Memory()
    for persons in (32, 99, 100, 500, 40_000):
        offer(journal, finding(ONE, persons=persons))
        sender(journal, sink, clock).send_due()
    assert sink.got == [(f"{KEY}/1", "new"), (f"{KEY}/2", "update"), (f"{KEY}/4", "update")]


def test_fewer_persons_than_told_are_no_news(journal: Journal) -> None:
    offer(journal, finding(ONE, persons=500))
    assert offer(journal, finding(ONE, persons=32)) == 0


def test_two_findings_that_become_one_are_an_update_that_says_so(journal: Journal, clock: Clock) -> None:
    sink = Memory()
    offer(journal, finding(ONE), at=1)
    offer(journal, finding(OTHER), at=2)
    assert offer(journal, finding(ONE, OTHER, persons=64), at=3) == 1
    assert offer(journal, finding(ONE, OTHER, persons=65), at=4) == 0
    assert offer(journal, finding(ONE, OTHER, persons=640), at=5) == 1
    clock.later(10)
    sender(journal, sink, clock).send_due()
    assert sink.got == [
        (f"{KEY}/1", "new"),
        (f"{OTHER_KEY}/1", "new"),
        (f"{KEY}/1.1", "update"),
        (f"{KEY}/2", "update"),
    ]
    assert sink.joined == [(), (), (OTHER_KEY,), ()]


def test_the_thread_told_of_first_stays_when_the_finding_is_called_by_an_older_id(
    journal: Journal, clock: Clock
) -> None:
    sink = Memory()
    offer(journal, finding(ONE))
    assert offer(journal, finding(OTHER, ONE)) == 0
    assert offer(journal, finding(OTHER, ONE, persons=320)) == 1
    sender(journal, sink, clock).send_due()
    assert sink.got == [(f"{KEY}/1", "new"), (f"{KEY}/2", "update")]


def test_a_finding_joins_and_grows_in_one_message(journal: Journal, clock: Clock) -> None:
    sink = Memory()
    offer(journal, finding(ONE), at=1)
    offer(journal, finding(OTHER, persons=5000), at=2)
    assert offer(journal, finding(ONE, OTHER, persons=15_032), at=3) == 1
    clock.later(10)
    sender(journal, sink, clock).send_due()
    assert (sink.got[-1], sink.joined[-1]) == ((f"{KEY}/4.1", "update"), (OTHER_KEY,))


def test_who_was_not_told_of_both_is_told_of_no_joining(journal: Journal) -> None:
    offer(journal, finding(ONE), sinks=("memory", "other"))
    offer(journal, finding(OTHER), sinks=("memory",))
    offer(journal, finding(ONE, OTHER), sinks=("memory", "other"))
    assert {
        name: each["waiting"] for name, each in Outbox(journal, ("memory", "other")).states().items()
    } == {
        "memory": 3,
        "other": 1,
    }


def test_alerts_of_an_earlier_release_are_still_sent_once(journal: Journal, clock: Clock) -> None:
    told: dict[str, object] = {**object_of(finding(ONE, persons=320))}
    del told["title"], told["facts"], told["parts"], told["split_from"]  # that release knew of none of them
    told["sentence"] = "One address saw the data of 320 people."
    body = json.dumps({"news": "grown", "finding": {**told, "id": KEY}})
    with journal.transaction() as connection:
        connection.execute(tables.thread.insert().values(finding=KEY, thread=KEY))
        connection.execute(tables.setting.delete().where(tables.setting.c.name == LAYOUT))
        connection.execute(
            sa.text(
                "CREATE TABLE outbox (sink VARCHAR, thread VARCHAR, step INTEGER, made BIGINT, body TEXT, state VARCHAR, "
                "attempts INTEGER, next BIGINT, sent BIGINT, fault VARCHAR)"
            )
        )
        connection.execute(
            sa.text("INSERT INTO outbox VALUES ('memory', :key, 2, 1, :body, 'waiting', 0, 1, NULL, NULL)"),
            {"key": KEY, "body": body},
        )
    sink = Memory()
    for _ in range(2):
        journal.create()
    assert offer(journal, finding(ONE, persons=320)) == 0
    sender(journal, sink, clock).send_due()
    assert sink.got == [(f"{KEY}/2", "update")]


def test_a_new_sink_is_told_what_it_does_not_know(journal: Journal) -> None:
    offer(journal, finding(ONE))
    assert offer(journal, finding(ONE), sinks=("memory", "new")) == 1
    assert Outbox(journal, ("memory", "new")).states() == {
        "memory": {"waiting": 1, "sent": 0},
        "new": {"waiting": 1, "sent": 0},
    }


def test_an_offer_that_fails_leaves_nothing(journal: Journal) -> None:
    outbox = Outbox(journal, ("memory",))
    with pytest.raises(TypeError):
        outbox.offer([finding(ONE), a_finding(id="f-2", title=object())], now=START, also={})
    assert outbox.offer([finding(ONE)], now=START, also={"evaluated": "3"}) == 1
    assert journal.setting("evaluated") == "3"


def test_what_was_sent_is_not_sent_again(journal: Journal, clock: Clock) -> None:
    sink = Memory()
    offer(journal, finding(ONE))
    for _ in range(2):
        sender(journal, sink, clock).send_due()
    assert sink.got == [(f"{KEY}/1", "new")]


def test_a_sink_that_is_down_gets_it_later(journal: Journal, clock: Clock) -> None:
    sink, told = Memory(), list[str]()
    offer(journal, finding(ONE), finding(OTHER))
    sink.down = True
    sending = sender(journal, sink, clock, told)
    for _ in range(3):
        sending.send_due()
        clock.later(300)
    assert told == ["memory answered 503; it gets its alerts later"]
    assert Outbox(journal, ("memory",)).states() == {"memory": {"waiting": 2, "sent": 0}}
    sink.down = False
    sender(journal, sink, clock).send_due()
    assert sorted(key for key, _ in sink.got) == sorted([f"{KEY}/1", f"{OTHER_KEY}/1"])
    assert not any(sink.asked), "a refusal is no doubt"


def test_a_sink_that_is_down_is_not_asked_all_the_time(journal: Journal, clock: Clock) -> None:
    sink = Memory()
    offer(journal, finding(ONE))
    sink.down = True
    sending = sender(journal, sink, clock)
    for _ in range(10):
        sending.send_due()
        clock.later(0.5)
    # after 0, 1 and 3 seconds; the next one would be after 7
    assert len(sink.asked) == 3


def test_a_last_attempt_is_made_at_the_end(journal: Journal, clock: Clock) -> None:
    sink = Memory()
    offer(journal, finding(ONE))
    sink.down = True
    sending = sender(journal, sink, clock)
    sending.send_due()
    sink.down = False
    sending.send_due(last=True)
    assert sink.got == [(f"{KEY}/1", "new")]


def test_one_alert_that_is_never_taken_does_not_hold_up_the_others(journal: Journal, clock: Clock) -> None:
    class Picky(Memory):
        def send(self, alert: Alert, *, perhaps_sent: bool) -> None:
            self.down = alert.thread == KEY
            super().send(alert, perhaps_sent=perhaps_sent)

    sink = Picky()
    offer(journal, finding(ONE), at=0)
    sending = sender(journal, sink, clock)
    sending.send_due()
    offer(journal, finding(OTHER), at=0.1)
    clock.later(0.2)
    sending.send_due()
    assert sink.got == [(f"{OTHER_KEY}/1", "new")]


def test_a_run_that_was_killed_while_sending_leaves_a_doubt(journal: Journal, clock: Clock) -> None:
    class Killed(BaseException):
        pass

    class Deadly(Memory):
        def send(self, alert: Alert, *, perhaps_sent: bool) -> None:
            raise Killed

    offer(journal, finding(ONE))
    with pytest.raises(Killed):
        sender(journal, Deadly(), clock).send_due()
    sink = Memory()
    sender(journal, sink, clock).send_due()
    assert (sink.got, sink.asked) == ([(f"{KEY}/1", "new")], [True])


def test_a_doubt_stays_while_the_sink_is_down(journal: Journal, clock: Clock) -> None:
    test_a_run_that_was_killed_while_sending_leaves_a_doubt(journal, clock)
    sink = Memory()
    sender(journal, sink, clock).send_due()
    assert sink.got == []
