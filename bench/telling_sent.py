"""How fast notices are sent, as a ratio to aiosmtplib alone: both to the same server in one run, in turns."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final

from aiosmtplib import SMTP
from tests.sending.shop import PEOPLE, Shop, make_shop
from tests.waiting import wait_until

from whosaw.app.sending.send import Going, MailWay, send_notices
from whosaw.sending.sender import SystemClock
from whosaw.sending.smtp import MailServer
from whosaw.store.sending.sending_store import SendingStore

__all__ = ["sent"]

MESSAGES: Final = 4_000
ROUNDS: Final = 5
CONNECTIONS: Final = 8
SINK: Final = "/usr/sbin/smtp-sink"
_PEER: Final = """
import asyncio, sys
from aiosmtpd.smtp import SMTP

class Took:
    async def handle_DATA(self, server, session, envelope):
        return "250 ok"

async def serve():
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Took(), hostname="peer.example.org", enable_SMTPUTF8=False), "127.0.0.1", int(sys.argv[1])
    )
    await server.serve_forever()

asyncio.run(serve())
"""


def sent(folder: Path, messages: int = MESSAGES, rounds: int = ROUNDS) -> dict[str, Any]:
    """Messages a second of whosaw and of aiosmtplib alone on as many connections, against each server that is there."""
    (folder / "shop").mkdir()
    made = make_shop(folder / "shop")
    rows = [{"email": f"q{at}@mail{at % 7}.example.org", "saved_by": "1"} for at in range(messages - PEOPLE)]
    shop = Shop(root=made)
    shop.freeze([*shop.usual_book(), *rows])
    shop.release()
    peers = {"aiosmtpd": [sys.executable, "-c", _PEER]}
    if Path(SINK).exists():
        peers["smtp-sink of postfix"] = [SINK]
    return {
        "messages": messages,
        "connections": CONNECTIONS,
        "rounds": rounds,
        "peers": {name: _against(folder, made, name, command, rounds) for name, command in peers.items()},
    }


def _against(folder: Path, made: Path, name: str, command: Sequence[str], rounds: int) -> dict[str, Any]:
    ours: list[tuple[float, float]] = []
    bare: list[tuple[float, float]] = []
    taken: list[tuple[str, str, bytes]] = []
    with _running(command, name) as port:
        for turn in range(rounds):
            copy = folder / f"turn-{turn}"
            shutil.copytree(made, copy)
            if not taken:
                taken = _messages(copy)
            for which in (0, 1) if turn % 2 else (1, 0):
                (bare if which else ours).append(
                    _bare(port, taken) if which else _ours(copy, port, len(taken))
                )
            shutil.rmtree(copy)
    many = len(taken)
    return {
        "a_second": round(many / median(each for each, _ in ours), 1),
        "alone_a_second": round(many / median(each for each, _ in bare), 1),
        "ratio": round(median(b[0] / o[0] for b, o in zip(bare, ours, strict=True)), 3),
        "processor_ratio": round(median(b[1] / o[1] for b, o in zip(bare, ours, strict=True)), 3),
    }


def _ours(shop: Path, port: int, many: int) -> tuple[float, float]:
    from datetime import UTC, datetime

    server = MailServer(host="127.0.0.1", port=port, clear=True)
    way, going = MailWay(server=server, sender="privacy@duka.example.org"), Going(connections=CONNECTIONS)
    began, worked = time.perf_counter(), time.process_time()
    done = send_notices("spring", way, going, workspace=shop / "ws", now=lambda: datetime.now(UTC))
    took = time.perf_counter() - began, time.process_time() - worked
    if done.states != {"accepted": many}:
        raise SystemExit(f"of {many:,} messages {done.states} were taken")
    return took


def _messages(shop: Path) -> list[tuple[str, str, bytes]]:
    """The very envelopes and bytes that whosaw sends, made before the clock runs."""
    from datetime import UTC, datetime

    from whosaw.app.sending.manifest import read_manifest
    from whosaw.app.sending.messages import MailLetters
    from whosaw.store.sending.sending_store import Job
    from whosaw.store.workspace import Workspace

    opened = Workspace.open(shop / "ws")
    store = SendingStore(opened.root)
    try:
        row = store.find("spring")
        manifest = read_manifest(opened.files, opened.journal, row)
        clock = SystemClock(lambda: datetime.now(UTC))
        letters = MailLetters(opened, row, manifest, clock, sender="privacy@duka.example.org")
        found = []
        for part in store.parts(row.id):
            for at in range(part.rows):
                each = letters.envelope(Job(part.part, at, 1, part.channel))
                assert each.data is not None
                found.append((each.sender, each.to, each.data()))
        return found
    finally:
        store.close()
        opened.close()


def _bare(port: int, messages: Sequence[tuple[str, str, bytes]]) -> tuple[float, float]:
    async def run() -> None:
        waiting = iter(messages)

        async def one() -> None:
            client = SMTP(hostname="127.0.0.1", port=port, start_tls=False, use_tls=False)
            await client.connect()
            for sender, to, data in waiting:
                await client.mail(sender)
                await client.rcpt(to)
                await client.data(data)
            await client.quit()

        await asyncio.gather(*(one() for _ in range(CONNECTIONS)))

    began, worked = time.perf_counter(), time.process_time()
    asyncio.run(run())
    return time.perf_counter() - began, time.process_time() - worked


@contextmanager
def _running(command: Sequence[str], name: str) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sink = command[0] == SINK
    as_nobody = ["-u", "nobody"] if os.geteuid() == 0 else []
    argv = [SINK, *as_nobody, f"127.0.0.1:{port}", "100"] if sink else [*command, str(port)]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def there() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        wait_until(there, what=f"{name} to listen", of=process)
        yield port
    finally:
        process.kill()
        process.wait()
