"""Reads a Kafka topic (extra `kafka`) into files of the workspace, which are then read as any log is.

A file holds messages of one partition in order, one line each. What of it counts is written down beside it: how long
it is and which offset comes next, put in place in one step after the file is on disk. So a run that was killed cuts off
what it had not written down and asks for those messages again; nothing is lost and nothing comes twice. The offsets
committed to the broker are for people who watch the lag; reading never starts from them.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from whosaw.core.errors import FaultsError, WhosawError
from whosaw.core.extras import load_extra
from whosaw.packs.toml_file import load_toml
from whosaw.store.files import write_atomically

__all__ = ["SPOOL", "KafkaSpool", "KafkaTopic", "is_kafka", "kafka_client", "read_settings", "read_topic"]

SPOOL = "spool"
FULL_FILE = 64 << 20  # bytes after which the next messages go into a new file
_AT_ONCE = 20_000
_WAIT = 10.0  # seconds for an answer of the broker about its partitions
_NAME = re.compile(r"[A-Za-z0-9._-]{1,249}\Z")  # what Kafka allows a topic to be called
Consumer = Any  # confluent_kafka.Consumer
# A broker that is away is said once by whosaw itself; the client would write a line for each attempt.
_USUAL = {"group.id": "whosaw", "log_level": "0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaTopic:
    """`kafka://HOST[:PORT][,HOST[:PORT]...]/TOPIC`."""

    servers: str
    topic: str

    @property
    def folder(self) -> str:
        return f"kafka-{self.topic}"


def is_kafka(path: str) -> bool:
    """Whether this is the address of a topic and not a path."""
    return path.startswith("kafka://")


def read_topic(address: str) -> KafkaTopic:
    """Raises `WhosawError` for an address that cannot be one."""
    parts = urlsplit(address)
    topic = parts.path.strip("/")
    if not parts.netloc or "@" in parts.netloc or not _NAME.match(topic) or set(topic) <= {"."}:
        raise WhosawError(
            "kafka.address",
            "a topic is written kafka://HOST:9092/TOPIC",
            hint="Users, passwords and certificates go into a file named with --kafka-config",
        )
    return KafkaTopic(servers=parts.netloc, topic=topic)


def read_settings(path: Path) -> dict[str, str]:
    """Settings of the client from a TOML file of texts, such as `"security.protocol" = "SSL"`. Raises `WhosawError`."""
    hint = 'Write "name" = "value"'
    try:
        told = load_toml(path).data
    except FaultsError as fault:
        raise WhosawError(
            "kafka.config", f"{path} cannot be read as TOML: {fault.faults[0].message}", hint=hint
        ) from fault
    if not all(isinstance(value, str) for value in told.values()):
        raise WhosawError("kafka.config", f"{path} holds a value that is not a text", hint=hint)
    return {str(name): str(value) for name, value in told.items()}


def kafka_client() -> Any:
    """The library; raises `WhosawError` where it is not installed."""
    return load_extra(
        "confluent_kafka",
        WhosawError(
            "kafka.not-installed", "the Kafka client is not installed", hint="pip install 'whosaw[kafka]'"
        ),
    )


class KafkaSpool:
    """One topic and its spool. Belongs to one thread, and to the one who holds the workspace for writing.

    `settings` are librdkafka's (security.protocol and the like); `make` and `place` stand in for the library's
    Consumer and TopicPartition.
    """

    def __init__(
        self,
        topic: KafkaTopic,
        root: Path,
        *,
        settings: dict[str, str],
        make: Callable[[dict[str, Any]], Consumer] | None = None,
        place: Callable[[str, int, int], Any] | None = None,
    ) -> None:
        self._place = place or kafka_client().TopicPartition
        self._topic = topic
        self.folder = root / SPOOL / topic.folder
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._state = {
            int(each.stem[1:]): json.loads(each.read_bytes()) for each in self.folder.glob("p*.json")
        }
        for partition, state in self._state.items():
            self._cut(partition, state)
        own = {
            "bootstrap.servers": topic.servers,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "earliest",
        }
        self._consumer = (make or kafka_client().Consumer)({**_USUAL, **settings, **own})
        self._assigned: set[int] = set()

    def _cut(self, partition: int, state: dict[str, Any]) -> None:
        """Cut off what a killed run wrote and did not write down; remove a file it had just begun."""
        kept = state["file"]
        for path in self.folder.glob(f"p{partition}-*.log"):
            if path.name == kept:
                os.truncate(path, state["size"])
            elif int(path.stem.partition("-")[2]) >= state["next"]:
                path.unlink()

    def _assign(self) -> None:
        """Take all partitions there are, each from the offset after the last one written down."""
        told = self._consumer.list_topics(self._topic.topic, timeout=_WAIT).topics[self._topic.topic]
        partitions = set(told.partitions)
        if partitions == self._assigned or not partitions:
            return
        beginning = -2  # librdkafka's OFFSET_BEGINNING
        self._consumer.assign(
            [
                self._place(self._topic.topic, each, self._state.get(each, {"next": beginning})["next"])
                for each in sorted(partitions)
            ]
        )
        self._assigned = partitions

    def pull(self, timeout: float) -> int:
        """Bring what has come into the spool; returns how many messages. A broker that is away raises `WhosawError`."""
        try:
            if not self._assigned:
                self._assign()
            messages = self._consumer.consume(_AT_ONCE, timeout)
        except Exception as fault:  # the library's errors are known only when it is installed
            raise WhosawError(
                "kafka.away", f"the Kafka topic {self._topic.topic} cannot be read ({type(fault).__name__})"
            ) from fault
        lines: dict[int, list[tuple[int, bytes]]] = {}
        for message in messages:
            if message.error() is None:
                line = _as_line(message.value())
                lines.setdefault(message.partition(), []).append((message.offset(), line))
        for partition, each in sorted(lines.items()):
            self._write(partition, each)
        if lines:
            self._commit(sorted(lines))
        return sum(map(len, lines.values()))

    def _write(self, partition: int, lines: list[tuple[int, bytes]]) -> None:
        state = self._state.get(partition)
        known = -1 if state is None else int(state["next"])
        lines = [each for each in lines if each[0] >= known]  # a broker may send again what it sent
        if not lines:
            return
        if state is None or state["size"] >= FULL_FILE:
            state = {"file": f"p{partition}-{lines[0][0]:020}.log", "size": 0, "next": lines[0][0]}
        path = self.folder / state["file"]
        with open(path, "ab") as handle:
            os.fchmod(handle.fileno(), 0o600)
            handle.truncate(state["size"])
            handle.write(b"".join(line for _, line in lines))
            handle.flush()
            os.fsync(handle.fileno())
            size = handle.tell()
        state = {"file": state["file"], "size": size, "next": lines[-1][0] + 1}
        write_atomically(self.folder / f"p{partition}.json", json.dumps(state).encode())
        self._state[partition] = state

    def _commit(self, partitions: list[int]) -> None:
        offsets = [self._place(self._topic.topic, each, self._state[each]["next"]) for each in partitions]
        with contextlib.suppress(Exception):  # only people look at it; the spool knows where it stands
            self._consumer.commit(offsets=offsets, asynchronous=True)

    def close(self) -> None:
        self._consumer.close()


def _as_line(value: bytes | None) -> bytes:
    """A message as one line. JSON over several lines means the same on one; an empty message is an empty line."""
    text = (value or b"").rstrip(b"\r\n")
    if text[:1] in (b"{", b"["):
        text = text.replace(b"\r\n", b" ").replace(b"\n", b" ")
    return text + b"\n"
