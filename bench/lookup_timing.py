"""Whether the time of a reply tells who is in the table: requests for victims and for others, interleaved, from connections that stay open."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import numpy as np
import numpy.typing as npt

from bench.lookup_table import made_table

__all__ = ["interval", "timing"]

REQUESTS: Final = 20_000
CONNECTIONS: Final = 40
_SERVE: Final = """
import sys
from pathlib import Path
from datetime import UTC, datetime
from whosaw.lookup.limits import Limits
from whosaw.web.public.serve import Serving, serve_public
folder = Path(sys.argv[1])
much = 100_000_000
limits = Limits(a_minute=much, expected=much, network_a_day=much, device_a_day=much, strangers=much, strangers_of=much)
serving = Serving(table=folder / "t.lookup", table_key=folder / "t.lookup.key", folder=folder / "kept", port=0, messages=folder / "out", limits=limits)
serve_public(serving, now=lambda: datetime.now(UTC), told=lambda where: print(where, flush=True), said=lambda text: None)
"""

Times = npt.NDArray[np.float64]


def interval(victims: Times, others: Times, draws: int = 2_000) -> tuple[float, float, float]:
    """The difference of the medians (victims less others) and the ends of its 95 % interval, by the bootstrap."""
    dice = np.random.default_rng(1)
    found = np.empty(draws)
    for at in range(draws):
        one, other = dice.choice(victims, len(victims)), dice.choice(others, len(others))
        found[at] = np.median(one) - np.median(other)
    low, high = np.quantile(found, [0.025, 0.975])
    return float(np.median(victims) - np.median(others)), float(low), float(high)


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, contact: str
) -> tuple[float, bytes]:
    body = urlencode({"contact": contact}).encode()
    head = f"POST /?lang=en HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    began = time.perf_counter()
    writer.write(head.encode() + body)
    raw = await reader.readuntil(b"\r\n\r\n")
    lines = [line for line in raw.split(b"\r\n") if not line.lower().startswith(b"date:")]
    (length,) = (int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:"))
    page = await reader.readexactly(length)
    return time.perf_counter() - began, b"\r\n".join(lines) + page


async def _all(
    host: str, contacts: list[tuple[bool, str]], connections: int
) -> tuple[list[tuple[bool, float]], set[bytes]]:
    """Ask for all, each connection for the next one as soon as it has its reply."""
    waiting = iter(contacts)
    times: list[tuple[bool, float]] = []
    replies: set[bytes] = set()
    name, _, port = host.partition(":")

    async def one() -> None:
        reader, writer = await asyncio.open_connection(name, int(port))
        for victim, contact in waiting:
            taken, reply = await _ask(reader, writer, host, contact)
            times.append((victim, taken))
            replies.add(reply)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(one() for _ in range(connections)))
    return times, replies


def timing(folder: Path, requests: int = REQUESTS, connections: int = CONNECTIONS) -> dict[str, Any]:
    """Milliseconds; the interval has to lie within one, and all replies have to be one."""
    half = requests // 2
    victims = [f"victim{at}@example.org" for at in range(half)]
    made_table(folder, [f"mail:{each}" for each in victims] + [f"phone:+8210{at:08d}" for at in range(half)])
    contacts = [(True, f"010-{at // 10_000:04d}-{at % 10_000:04d}") for at in range(half)]
    contacts += [(False, f"010-{5_000 + at // 10_000:04d}-{at % 10_000:04d}") for at in range(half)]
    order = np.random.default_rng(2).permutation(len(contacts)).tolist()
    served = subprocess.Popen(
        [sys.executable, "-c", _SERVE, str(folder)], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    try:
        assert served.stdout is not None
        host = served.stdout.readline().strip().removeprefix("http://")
        times, replies = asyncio.run(_all(host, [contacts[at] for at in order], connections))
    finally:
        served.terminate()
        served.wait(30)
    told = {
        name: np.array([1e3 * taken for victim, taken in times if victim is wanted])
        for name, wanted in (("victims", True), ("others", False))
    }
    difference, low, high = interval(told["victims"], told["others"])
    return {
        "requests": len(times),
        "connections": connections,
        "different_replies": len(replies),
        "median_ms": {name: round(float(np.median(each)), 3) for name, each in told.items()},
        "difference_of_medians_ms": round(difference, 4),
        "interval_95_ms": [round(low, 4), round(high, 4)],
        "within_1_ms": bool(low > -1 and high < 1),
        "answers_written": sum(1 for _ in (folder / "out").glob("*.json")),
    }


if __name__ == "__main__":
    print(json.dumps(timing(Path(sys.argv[1])), indent=2))
