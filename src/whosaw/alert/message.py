"""What is told of a finding, and what every place that it is sent to can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from whosaw.core.canonical_json import canonical_json
from whosaw.core.document import JsonObject, object_of
from whosaw.core.finding import Finding
from whosaw.core.instants import format_instant

__all__ = ["Alert", "Sink", "SinkDownError", "key_of"]


def key_of(thread: str, step: int, joining: int) -> str:
    """What makes an alert the same alert when it is sent again."""
    return f"{thread}/{step}.{joining}" if joining else f"{thread}/{step}"


class SinkDownError(Exception):
    """A sink did not take an alert; the text says why, without its address. It gets the alert later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One message about one party: that it was found, that it has seen ten times as many people as told before, or that others
    that were told of are part of it.

    `thread` is the id under which the party was told of first; it stays, whatever becomes of the finding. `step` is
    the power of ten that the number of persons has reached, `joining` how often others had joined it (0: none does now).
    All three together are told once to each sink. `console` is the address of the console where the finding is looked at; empty: none was said.
    """

    thread: str
    step: int
    news: Literal["new", "update"]
    made_at: datetime
    finding: Finding
    joining: int = 0
    joined: tuple[str, ...] = ()  # the threads that are part of this one from now on
    console: str = ""

    @property
    def key(self) -> str:
        """What makes this alert the same alert when it is sent again."""
        return key_of(self.thread, self.step, self.joining)

    @property
    def page(self) -> str:
        """The address of the finding in the console; empty where nobody said where that is. The thread leads there whatever becomes of it."""
        return f"{self.console}/findings/{self.thread}" if self.console else ""

    def as_json(self) -> JsonObject:
        return {
            "alert": self.key,
            "thread": self.thread,
            "news": self.news,
            "joined": list(self.joined),
            "made_at": format_instant(self.made_at),
            "finding": object_of(self.finding),
            **({"page": self.page} if self.page else {}),
        }

    def line(self) -> bytes:
        """One line of JSON, without its end. The same alert gives the same bytes."""
        return canonical_json(self.as_json())


class Sink(Protocol):
    """A place that alerts are sent to. `name` stays the same from run to run and holds no secret."""

    name: str

    def send(self, alert: Alert, *, perhaps_sent: bool) -> None:
        """Send one alert; raises `SinkDownError`. `perhaps_sent`: an earlier run ended before it knew whether it had."""
        ...

    def close(self) -> None: ...
