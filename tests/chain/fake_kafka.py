"""An object with the interface of confluent_kafka.Consumer 2.16, and messages behind it, in the place of a broker."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

__all__ = ["Broker", "Consumer", "Message", "Place"]


@dataclass(frozen=True)
class Place:
    topic: str
    partition: int
    offset: int


@dataclass(frozen=True)
class Message:
    at: Place
    data: bytes | None
    fault: str | None = None

    def error(self) -> str | None:
        return self.fault

    def partition(self) -> int:
        return self.at.partition

    def offset(self) -> int:
        return self.at.offset

    def value(self) -> bytes | None:
        return self.data


@dataclass
class Broker:
    """Partitions of messages, and the consumers that were made."""

    partitions: dict[int, list[bytes | None]]
    configs: list[dict[str, Any]] = field(default_factory=list)
    committed: list[Place] = field(default_factory=list)
    away: bool = False

    def consumer(self, config: dict[str, Any]) -> Consumer:
        self.configs.append(config)
        return Consumer(self)


class Consumer:
    """list_topics, assign, consume, commit and close, as confluent_kafka 2.16 has them."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.next: dict[int, int] = {}

    def list_topics(self, topic: str, timeout: float) -> Any:
        if self.broker.away:
            raise RuntimeError
        return SimpleNamespace(
            topics={topic: SimpleNamespace(partitions=dict.fromkeys(self.broker.partitions))}
        )

    def assign(self, places: list[Place]) -> None:
        self.next = {each.partition: max(0, each.offset) for each in places}

    def consume(self, most: int, timeout: float) -> list[Message]:
        found = []
        for partition, start in self.next.items():
            for offset, data in enumerate(self.broker.partitions[partition]):
                if offset >= start:
                    found.append(Message(Place("access", partition, offset), data))
            self.next[partition] = len(self.broker.partitions[partition])
        return found[:most]

    def commit(self, *, offsets: list[Place], asynchronous: bool) -> None:
        self.broker.committed = offsets

    def close(self) -> None:
        pass
