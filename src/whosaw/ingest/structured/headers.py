"""Header lines of delimited logs: which names the columns have from here on.

W3C extended logs (https://www.w3.org/TR/WD-logfile) and Zeek's TSV logs
(https://docs.zeek.org/en/master/log-formats.html) write lines that begin with `#`. They may come again in
the middle of a file and say something else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

__all__ = ["Header", "plain_name"]

_RUN = re.compile(r"[\W_]+")


def plain_name(name: str) -> str:
    """The form in which column names are compared: lower case, anything but letters and digits of any script as one `_`."""
    name = unicodedata.normalize("NFC", name).lower()
    return name if name.startswith("#") else _RUN.sub("_", name).strip("_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Names of the columns (None: not told yet), and what else the header said (`#path`, `#date`)."""

    names: tuple[str, ...] | None = None
    said: Mapping[str, str] = field(default_factory=dict)

    def after(self, line: str, style: str) -> Header:
        """The header after one more `#` line. A line that says nothing changes nothing."""
        return self._after_zeek(line) if style == "zeek" else self._after_w3c(line)

    def _after_w3c(self, line: str) -> Header:
        word, colon, rest = line[1:].partition(":")
        word = word.strip().lower()
        if not colon:
            return self
        if word == "fields":
            return replace(self, names=tuple(rest.split()))
        if word == "date" and rest.split():
            return replace(self, said={**self.said, "#date": rest.split()[0]})
        return self

    def _after_zeek(self, line: str) -> Header:
        word, *rest = line[1:].split("\t")
        word = word.strip()
        if word.startswith("separator "):  # a new log begins; what the last one said does not hold for it
            return Header()
        if word == "fields":
            return replace(self, names=tuple(rest))
        if word == "path" and rest:
            return replace(self, said={**self.said, "#path": rest[0]})
        return self
