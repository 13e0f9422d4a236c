"""waiting + sent + failed + excluded + unknown = recipients, whatever happens in whatever order; and a case is closed only when nobody waits."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import closing
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.sending.shop import PEOPLE, Shop
from tests.wide import examples

from whosaw.app.sending.status import notice_status, open_tellings
from whosaw.store.sending.sending_store import (
    ACCEPTED,
    BOUNCED,
    DEFERRED,
    UNDELIVERABLE,
    UNKNOWN,
    Back,
    Job,
    Outcome,
    SendingStore,
)
from whosaw.store.workspace import journal_of

_ENDS = st.sampled_from((ACCEPTED, BOUNCED, DEFERRED, UNDELIVERABLE, UNKNOWN))
_STEP = st.one_of(
    st.tuples(st.just("send"), st.lists(st.tuples(st.booleans(), _ENDS), min_size=1, max_size=12)),
    st.tuples(st.just("killed"), st.lists(st.booleans(), min_size=1, max_size=8)),
    st.tuples(st.just("put off"), st.integers(1, 9)),
    st.tuples(st.just("back"), st.lists(st.tuples(st.integers(0, PEOPLE), st.sampled_from((ACCEPTED, BOUNCED, None))), max_size=6)),
    st.tuples(st.just("settle"), st.sampled_from((ACCEPTED, DEFERRED))),
    st.tuples(st.just("replace"), st.integers(1, 5)),
)  # fmt: skip


def _do(store: SendingStore, what: str, how: object, now: int) -> None:
    """One step of a telling, on what is there for it."""
    channel = "letter" if what == "replace" else "e-mail"
    if what == "send":
        ends = list(how)  # type: ignore[call-overload]  # by the strategy
        jobs = store.lease(1, channel, now=now, most=len(ends))
        told = list(zip(jobs, ends, strict=False))
        left = [job for job, (leaves, _) in told if leaves]
        store.write(1, handed=left, now=now)
        outcomes = [
            Outcome(job=job, state=end, next=now + 3 if end == DEFERRED else None) for job, (_, end) in told
        ]
        store.write(1, outcomes=outcomes, now=now)
    elif what == "killed":
        jobs = store.lease(1, channel, now=now, most=len(list(how)))  # type: ignore[call-overload]
        store.write(1, handed=[job for job, left in zip(jobs, how, strict=False) if left], now=now)  # type: ignore[call-overload]
        store.recover(1, now=now)
    elif what == "put off":
        jobs = store.lease(1, channel, now=now, most=int(how))  # type: ignore[call-overload]
        store.write(1, put_off=[(job, now + 2) for job in jobs], now=now)
    elif what == "back":
        attempts = list(store.attempts(1))
        told_back = [
            Back(sending=1, job=Job(each.part, each.row, each.n, ""), digest=f"{now}-{at}-{end}", kind="x", status="", ends=end)
            for at, end in how  # type: ignore[attr-defined]
            for each in attempts[at : at + 1]
        ]  # fmt: skip
        store.came_back(told_back, now=now)
    elif what == "settle":
        store.settle(1, state=str(how), now=now)
    else:
        last = {(each.part, each.row): each for each in store.attempts(1)}
        failed = [each for each in last.values() if each.state in (BOUNCED, UNDELIVERABLE)]
        for each in failed[: int(how)]:  # type: ignore[call-overload]
            store.replace(1, Job(each.part, each.row, each.n, each.channel), channel, now=now)


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_STEP, min_size=1, max_size=14))
def test_the_five_numbers_add_up_after_every_step(frozen_shop: Path, steps: list[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(frozen_shop, Path(folder) / "shop")
        shop = Shop(root=Path(folder) / "shop")
        with closing(SendingStore(shop.workspace)) as store:
            for now, (what, how) in enumerate(steps, start=1):
                _do(store, what, how, now)
                (told,) = notice_status("spring", workspace=shop.workspace)
                five = told.told
                assert told.adds_up
                assert five.waiting + five.sent + five.failed + five.excluded + five.unknown == PEOPLE
                assert store.tally(1) == store.recount(1)
                with closing(journal_of(shop.workspace)) as journal:
                    hinders = open_tellings("spring", journal, shop.workspace)
                assert bool(hinders) == (five.waiting > 0)
