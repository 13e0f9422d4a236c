"""The page as a process of its own, and as Chromium shows it: three languages, without script, on a narrow screen."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx
import pytest
from tests.e2e.servers import free_port
from tests.schemas import validate
from tests.waiting import wait_until
from tests.web.provider import CLIENT, SECRET, provider
from tests.wide import WIDE

LOOKS = (
    [(width, scheme, language) for width in (320, 1280) for scheme in ("light", "dark") for language in ("en", "ko", "sw")]
    if WIDE
    else [(320, "light", "ko"), (320, "dark", "sw")]
)  # fmt: skip


@dataclass
class Served:
    process: subprocess.Popen[str]
    address: str
    code: str
    messages: Path


def _whole(lines: IO[str]) -> str:
    """The document that is printed before anything is served; less where the process ended."""
    told = ""
    for line in lines:
        told += line
        if line == "}\n":
            break
    return told


@pytest.fixture(scope="module")
def served(table_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    own = tmp_path_factory.mktemp("served")
    (own / "secret").write_text(SECRET)
    (own / "secret").chmod(0o600)
    with provider() as signs_in:
        signs_in.user = {"sub": "1", "email": "p2@example.org", "email_verified": True}
        yield from _served(table_folder, own, signs_in.issuer)


def _served(table_folder: Path, own: Path, issuer: str) -> Iterator[Served]:
    port = free_port()  # known before, because customers come back to an address
    process = subprocess.Popen(
        [
            sys.executable, "-m", "whosaw", "serve", "--public", str(table_folder / "t.lookup"), "--port", str(port), "--folder", str(own / "kept"),
            "--messages", str(own / "messages"), "--via", "smtp://127.0.0.1:9", "--from", "privacy@duka.example.org", "--clear", "--json",
            "--address", f"http://127.0.0.1:{port}", "--sign-on", issuer, "--client-id", CLIENT, "--secret-file", str(own / "secret"),
        ],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    told = json.loads(_whole(process.stdout))
    validate("serve-public", told)
    code = (table_folder / "codes.csv").read_text().splitlines()[1].rpartition(",")[2]
    yield Served(process=process, address=told["address"], code=code, messages=own / "messages")
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    out, fault = process.communicate()
    assert process.returncode in (0, 130), fault
    assert "Traceback" not in fault
    assert out == ""
    assert "answers wait" in fault, "nothing listens where its mail server should be"


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_the_page_in_chromium(served: Served, width: int, scheme: str, language: str) -> None:
    pictures = os.environ.get("WHOSAW_PICTURES", "")
    folder = [f"{pictures}/lookup-{language}-{width}-{scheme}"] if pictures else []
    done = subprocess.run(
        [sys.executable, "-m", "tests.lookup.walk", f"{served.address}/?lang={language}", served.code, str(width), scheme, language, *folder],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr[-2_000:]


def test_the_process_has_its_table_and_nothing_of_a_workspace(served: Served, table_folder: Path) -> None:
    before = set(served.messages.glob("*.json"))
    told = httpx.post(f"{served.address}/?lang=sw", data={"contact": "+254 712 345 678"})
    assert told.status_code == 200
    wait_until(lambda: set(served.messages.glob("*.json")) - before, what="a message")
    (message,) = [json.loads(each.read_text()) for each in set(served.messages.glob("*.json")) - before]
    assert message["to"] == "+254712345678"
    assert message["language"] == "sw"
    process = Path(f"/proc/{served.process.pid}")
    loaded = (process / "maps").read_text()
    assert "t.lookup" in loaded
    assert "duckdb" not in loaded
    files = [os.readlink(each) for each in (process / "fd").iterdir()]
    assert not [each for each in files if str(table_folder / "ws") in each]
