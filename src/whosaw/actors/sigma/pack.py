"""Sigma rules, ready to run: what the rest of whosaw knows of a folder of rules once it was checked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from whosaw.core.canonical_json import canonical_json

from .correlation import Correlation
from .logsource import LogSource
from .narrowing import Needed

__all__ = ["MAX_RULES", "CompiledRule", "NotRun", "RulePack", "RuleText", "SourceColumns", "digest_of"]

MAX_RULES: Final = 5_000  # a rule number is 16 bits wide in a segment
# Raised when a change of code gives other matches for the same rule and line.
MATCHING: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """What a rule says of itself. `key` is its id, or else its name, or else where it stands."""

    key: str
    title: str
    file: str
    line: int
    level: str
    technique: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRun:
    """A rule that does not run: what of it cannot be said, and on which line that stands."""

    rule: RuleText
    what: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRule:
    """One rule. `condition` is SQL over the columns of its source; `values` are those that a correlation needs of a match.

    `reports` is false where the rule is only part of a correlation.
    """

    text: RuleText
    number: int
    source: str
    condition: str
    needed: Needed | None
    values: tuple[str, ...]
    reports: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceColumns:
    """What the rules of one log source use: SQL of each short name, and the networks that are tested outside of SQL."""

    source: LogSource
    raw: Mapping[str, str]  # r0, n1: over the canonical columns
    lower: Mapping[str, str]  # l0 -> r0
    networks: Mapping[str, tuple[str, str]]  # net0 -> canonical column, network
    texts: Mapping[str, str]  # field -> SQL of its text


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePack:
    """Rules in the order of their files. `digest` changes with everything that changes a match."""

    rules: tuple[CompiledRule, ...]
    correlations: tuple[Correlation, ...]
    not_run: tuple[NotRun, ...]
    columns: Mapping[str, SourceColumns]  # by log source
    digest: str

    def sources(self) -> list[LogSource]:
        """The log sources that its rules ask for, by id."""
        return [self.columns[name].source for name in sorted(self.columns)]


def digest_of(rules: tuple[CompiledRule, ...], columns: Mapping[str, SourceColumns]) -> str:
    """The digest of what decides which lines match."""
    body = {
        "matching": MATCHING,
        "rules": [[each.text.key, each.source, each.condition, list(each.values)] for each in rules],
        "columns": {
            name: {
                "formats": list(each.source.formats),
                "when": each.source.when,
                "raw": dict(each.raw),
                "networks": {net: list(pair) for net, pair in each.networks.items()},
            }
            for name, each in columns.items()
        },
    }
    return hashlib.sha256(canonical_json(body)).hexdigest()
