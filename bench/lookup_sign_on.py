"""Whether size or time of an answer that a customer reads after signing in tells who is in the table: victims and others, interleaved."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import numpy as np
from tests.e2e.servers import free_port
from tests.web.provider import CLIENT, SECRET, provider

from bench.lookup_table import made_table
from bench.lookup_timing import interval

__all__ = ["sign_on"]

SIGN_INS: Final = 2_000


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
            told = [(people[at][0], *_read(port, signs_in, people[at][1], at)) for at in order]
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


def _read(port: int, signs_in: Any, contact: str, at: int) -> tuple[float, int]:
    """The seconds and the bytes of one answer. Each comes from a network of its own, as far as loopback has them."""
    signs_in.user = {"sub": contact, "email": contact, "email_verified": True}
    where = httpx.HTTPTransport(local_address=f"127.{1 + at // 250 % 200}.{1 + at % 250}.1")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=where) as client:
        gone = client.get("/sign-on?lang=en")
        came = httpx.get(gone.headers["location"])
        back = urlsplit(came.headers["location"])
        began = time.perf_counter()
        answer = client.get(f"{back.path}?{back.query}")
        taken = time.perf_counter() - began
    if answer.status_code != 200:
        raise SystemExit(f"a customer was answered {answer.status_code}")
    return taken, len(answer.content)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as own:
        print(json.dumps(sign_on(Path(own), int(sys.argv[1])), indent=2))
