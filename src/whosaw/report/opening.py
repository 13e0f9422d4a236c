"""Numbers that open: from a number on the page to the lines that it was counted from, and from there to the digest of their file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from whosaw.core.instants import parse_instant

from .markup import Child, Markup, join, tag
from .view_model import ScanSummary
from .wording import day_and_time

__all__ = ["Opener", "at", "link", "sentence"]

_DIGEST: Final = 16  # characters of a digest in a locator
_TOKENS: Final = re.compile(
    r"(?P<instant>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)|(?<![\w.-])(?P<number>\d[\d,]*(?:\.\d+)?)(?![\w-])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opener:
    """Tells lines by file and number. `files` are the names of files by the beginning of a digest."""

    files: Mapping[str, str]

    @staticmethod
    def of(summary: ScanSummary) -> Opener:
        return Opener(
            files={digest[:_DIGEST]: file.name for file in summary.files for digest in file.digests}
        )

    def line(self, locator: str) -> Markup:
        """A line as file:line, which leads to the digest of the file."""
        digest, _, number = locator.partition(":")
        if not self.known(locator):
            return tag("code", locator)
        return tag("a", f"{self.files[digest]}:{number}", href=f"#c-{digest}", class_="line", title=locator)

    def known(self, locator: str) -> bool:
        """Whether the page tells the file of a line."""
        return locator.partition(":")[0] in self.files

    def lines(self, locators: Sequence[str]) -> Markup:
        """Several, one below the other."""
        return join([self.line(each) for each in locators], " ")

    def opened(
        self,
        words: Child,
        locators: Sequence[str],
        command: str,
        *,
        also: Child = None,
        anchor: str | None = None,
    ) -> Markup:
        """Words with a number that open to its first lines and to the command that lists all; just the words where there are none."""
        if not locators:
            return join([words, also])
        return tag(
            "details",
            tag("summary", words),
            tag(
                "p",
                "First lines: ",
                self.lines(locators),
                tag("br"),
                join(["All of them: ", tag("code", command)]) if command else None,
                id=anchor,
            ),
            also,
            class_="opens",
        )


def link(words: Child, anchor: str) -> Markup:
    """Words with a number that lead to where it opens."""
    return tag("a", words, href=f"#{anchor}", class_="number")


def at(instant: datetime, words: str) -> Markup:
    """A moment, or a stretch of time, in words."""
    return tag("time", words, datetime=instant.isoformat())


def sentence(text: str, anchor: str, zone: tzinfo) -> Markup:
    """A sentence whose numbers lead to where they open, and whose instants are told in the zone of the page."""
    parts: list[Child] = []
    done = 0
    for found in _TOKENS.finditer(text):
        parts.append(text[done : found.start()])
        if found["instant"]:
            instant = parse_instant(found["instant"])
            parts.append(at(instant, day_and_time(instant, zone)))
        else:
            parts.append(link(found["number"], anchor))
        done = found.end()
    return join([*parts, text[done:]])
