"""A thread that works in the engine can be ended: the statement under way stops, and no other begins."""

from __future__ import annotations

import threading

from tests.waiting import HANG

from whosaw.store.sql import Session, ThreadEndedError, end_thread


def test_a_thread_ends_in_the_midst_of_a_long_statement() -> None:
    begun, faults = threading.Event(), list[BaseException]()

    def work() -> None:
        try:
            with Session() as session:
                begun.set()
                session.query(
                    "SELECT sum(a % 7 + b % 5) AS n FROM range(10000000) t(a), range(10000000) u(b)"
                )
        except BaseException as fault:  # noqa: BLE001  # looked at below
            faults.append(fault)

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(HANG)
    end_thread(thread, HANG)
    assert not thread.is_alive()
    assert len(faults) == 1


def test_a_thread_between_two_statements_begins_no_other() -> None:
    begun, faults = threading.Event(), list[BaseException]()

    def work() -> None:
        try:
            while True:
                with Session() as session:
                    session.query("SELECT 1 AS one")
                    begun.set()
        except BaseException as fault:  # noqa: BLE001  # looked at below
            faults.append(fault)

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(HANG)
    end_thread(thread, HANG)
    assert not thread.is_alive()
    assert isinstance(faults[0], ThreadEndedError | RuntimeError)


def test_sessions_of_other_threads_go_on() -> None:
    idle = threading.Thread(target=lambda: None)
    idle.start()
    end_thread(idle, 1)
    with Session() as session:
        assert session.query("SELECT 1 AS one")["one"].to_pylist() == [1]
