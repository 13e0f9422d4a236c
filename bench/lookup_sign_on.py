"""Whether size or time of an answer that a customer reads after signing in tells who is in the table: victims and others, interleaved."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import httpx
import numpy as np
from tests.e2e.servers import free_port
from tests.web.provider import CLIENT, SECRET, provider

from bench.lookup_table import made_table
from bench.lookup_timing import interval

__all__ = ["sign_on"]

SIGN_INS: Final = 2_000
AT_ONCE: Final = 8
_AT_THE_PROVIDER: Final = Lock()  # one browser at a time says who sits at it

Given = TypeVar("Given")
Made = TypeVar("Made")


def sign_on(folder: Path, sign_ins: int = SIGN_INS) -> dict[str, Any]:
    """Milliseconds from coming back to the answer, with the provider's own time in them; the interval has to lie within one."""
    half = sign_ins // 2
    made_table(folder, [f"mail:victim{at}@example.org" for at in range(half)])
    (folder / "secret").write_text(SECRET)
    (folder / "secret").chmod(0o600)
    port = free_port()
    people = [
        (name == "victim", f"{name}{at}@example.org") for at in range(half) for name in ("victim", "other")
    ]
    order = np.random.default_rng(3).permutation(len(people)).tolist()
    with provider() as signs_in:
        served = subprocess.Popen(
            [
                sys.executable, "-m", "whosaw", "serve", "--public", str(folder / "t.lookup"), "--port", str(port), "--messages",
                str(folder / "out"), "--address", f"http://127.0.0.1:{port}", "--sign-on", signs_in.issuer, "--client-id", CLIENT,
                "--secret-file", str(folder / "secret"), "--json",
            ],
            stdout=subprocess.PIPE, text=True, env=dict(os.environ),
        )  # fmt: skip
        try:
            assert served.stdout is not None
            served.stdout.readline()
            _open(port)
            gone = _each(lambda at: (people[at][0], _leave(port, signs_in, people[at][1], at)), order)
            told = _each(lambda each: (each[0], *_read(*each[1])), gone)
        finally:
            served.terminate()
            served.wait(30)
    times = {
        each: np.array([1e3 * taken for victim, taken, _ in told if victim is each]) for each in (True, False)
    }
    difference, low, high = interval(times[True], times[False])
    return {
        "sign_ins": len(told),
        "different_sizes": len({size for _, _, size in told}),
        "bytes": told[0][2],
        "median_ms": {
            "victims": round(float(np.median(times[True])), 3),
            "others": round(float(np.median(times[False])), 3),
        },
        "difference_of_medians_ms": round(difference, 4),
        "interval_95_ms": [round(low, 4), round(high, 4)],
        "within_1_ms": bool(low > -1 and high < 1),
    }


def _open(port: int) -> None:
    for _ in range(600):
        try:
            httpx.get(f"http://127.0.0.1:{port}/")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the page did not open")


def _each(do: Callable[[Given], Made], given: Sequence[Given]) -> list[Made]:
    """By some at once, each of whom goes on as soon as they are done: between two ticks nobody has anything to do."""
    with ThreadPoolExecutor(AT_ONCE) as hands:
        return list(hands.map(do, given))


def _leave(port: int, signs_in: Any, contact: str, at: int) -> tuple[httpx.Client, str]:
    """Somebody's browser, and where the provider sends it back to."""
    with _browser(port, at) as client:
        gone = client.get("/sign-on?lang=en").headers["location"]
        with _AT_THE_PROVIDER:
            signs_in.user = {"sub": contact, "email": contact, "email_verified": True}
            came = client.get(gone)
        cookies = client.cookies
    back = urlsplit(came.headers["location"])
    return _browser(port, at, cookies), f"{back.path}?{back.query}"


def _browser(port: int, at: int, cookies: httpx.Cookies | None = None) -> httpx.Client:
    """Each comes from a network of its own, as far as loopback has them. Nothing here has TLS, whose setting up takes its time."""
    where = httpx.HTTPTransport(local_address=f"127.{1 + at // 250 % 200}.{1 + at % 250}.1", verify=False)
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=where, cookies=cookies)


def _read(client: httpx.Client, back: str) -> tuple[float, int]:
    """The seconds and the bytes of one answer."""
    with client:
        began = time.perf_counter()
        answer = client.get(back)
        taken = time.perf_counter() - began
    if answer.status_code != 200:
        raise SystemExit(f"a customer was answered {answer.status_code}")
    return taken, len(answer.content)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as own:
        print(json.dumps(sign_on(Path(own), int(sys.argv[1])), indent=2))
