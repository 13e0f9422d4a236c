"""The national size, counted without making one request."""

from __future__ import annotations

import numpy as np
from tests.unit.replay.breach_world import people_of

from whosaw.replay.breach_actors import plan_breach
from whosaw.replay.items import load_replay
from whosaw.replay.setting import make_setting


def test_the_published_numbers_come_out_to_the_view() -> None:
    shop, breach = load_replay(like="coupang")
    assert breach is not None
    setting = make_setting(shop, breach, 1, 1.0)
    count = shop.customers.count
    holes = round(count * shop.customers.holes_per_customer)
    # members spread evenly over the range, the first and the last number among them
    numbers = np.arange(count, dtype=np.int64)
    numbers *= count + holes - 1
    numbers //= count - 1
    numbers += shop.customers.first_number
    people = people_of(range(2))
    object.__setattr__(people, "numbers", numbers)
    plans = plan_breach(setting, breach, people)
    reads: dict[str, int] = {}
    for step, plan in zip(breach.step, plans, strict=True):
        reads[step.page] = reads.get(step.page, 0) + plan.reads
        for page, many in plan.then.items():
            reads[page] = reads.get(page, 0) + many
    assert count == 33_700_000
    assert reads == {
        "my-info": 33_673_817,
        "my-addresses": 148_056_502,
        "my-address-edit": 50_000,
        "my-orders": 100_000,
    }
    by_step = {plan.step: plan for plan in plans}
    assert by_step["address-list"].misses == holes == 44_000_000
    assert sum(plan.misses for plan in plans) < 44_000_100
    sent = np.zeros(shop.span.days, dtype=np.int64)
    for plan in plans:
        sent[plan.from_day : plan.to_day] += plan.by_day
    assert 6_200_000 <= sent.max() <= 6_400_000
    assert max(np.convolve(sent, np.ones(30, dtype=np.int64))) > 100_000_000
    first, last = by_step["address-list"].from_day, max(plan.to_day for plan in plans)
    # 14 April to 8 November, both in
    assert last - first == 209
    assert sum(pool.addresses for pool in breach.pool) == 2313
    assert next(pool.addresses for pool in breach.pool if pool.id == "few") == 16
