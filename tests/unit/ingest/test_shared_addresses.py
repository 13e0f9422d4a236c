"""What is known of addresses comes out the same where other processes looked at parts of a log."""

from __future__ import annotations

import pyarrow as pa

from whosaw.ingest.shared_addresses import SharedAddresses


def events(first: int, count: int) -> pa.Table:
    numbers = range(first, first + count)
    return pa.table(
        {
            "address": [f"10.0.0.{number % 2}" for number in numbers],
            "agent": [f"app/{number % 50}" for number in numbers],
            "fields": [f'{{"x_forwarded_for": "203.0.113.{number % 200}"}}' for number in numbers],
        }
    )


def test_parts_that_others_looked_at_add_up() -> None:
    whole, parts = SharedAddresses(), SharedAddresses()
    for first in range(0, 1_200, 300):
        whole.add(events(first, 300))
        one = SharedAddresses()
        one.add(events(first, 300))
        parts.take(SharedAddresses.of_text(one.text()))
    assert parts == whole
    found = parts.found
    assert found is not None
    assert (found.edge, found.addresses, found.agents, found.field) == ("", 2, 50, "x_forwarded_for")
    assert (found.share, parts.requests) == (1.0, 1_200)
