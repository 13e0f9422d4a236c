"""What one run over the ledger found, before it is named and stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from whosaw.actors.detectors import LEVELS
from whosaw.actors.sigma.rules_in_force import SigmaFindings, merged, sigma_findings
from whosaw.core.finding import Baseline, Finding
from whosaw.mapping.collapsed import classes_of_ids, with_collapsed
from whosaw.scope.unread import with_unread
from whosaw.store.identifiers import LedgerDigests, register_spellings
from whosaw.store.ledger import LedgerReader
from whosaw.store.numbers.facts import Spellings
from whosaw.store.schemas import COUNTED, MEMBERS

from .shared import with_shared

__all__ = ["Found", "finished", "located"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one run found, under the ids that it gives by itself. `answers` names a file, with its number of rows, that is not in the
    journal yet."""

    findings: list[Finding]
    classes: dict[int, int]  # people whose ids may be spellings of one another
    plain_kinds: list[str]  # kinds of people most of whose ids are plain numbers
    untold: tuple[str, ...]
    usual: list[Baseline]
    sigma: SigmaFindings | None
    answers: tuple[str | None, int]
    members: pa.Table
    counted: pa.Table
    proofs: pa.Table


def finished(
    reader: LedgerReader,
    findings: Sequence[Finding],
    *,
    untold: tuple[str, ...],
    usual: list[Baseline],
    answers: tuple[str | None, int],
    members: pa.Table,
    counted: pa.Table,
    proofs: pa.Table,
    with_rules: bool,
    spellings: Spellings | None = None,
) -> Found:
    """What detectors found, with what Sigma rules found, and with what a count cannot know. `spellings`: whose ids may be spellings of others',
    where that is known of all people of the reader."""
    register_spellings(reader, spellings)
    found = list(findings)
    sigma = sigma_findings(reader, LedgerDigests(reader)) if with_rules else None
    if sigma is not None:
        found = merged(found, [located(reader, each) for each in sigma.findings], LEVELS)
        members = pa.concat_tables([members.cast(MEMBERS), sigma.members])
        counted = pa.concat_tables([counted.cast(COUNTED), sigma.counted])
    classes = classes_of_ids(reader)
    return Found(
        findings=with_shared(
            reader, with_collapsed(reader, with_unread(reader, found, counted), counted, classes)
        ),
        classes=classes,
        plain_kinds=reader.session.query("SELECT kind FROM plain_kinds ORDER BY kind")["kind"].to_pylist(),
        untold=untold,
        usual=usual,
        sigma=sigma,
        answers=answers,
        members=members,
        counted=counted,
        proofs=proofs,
    )


def located(reader: LedgerReader, finding: Finding) -> Finding:
    """The finding with locators that stay, for places in the ledger."""
    pairs = [(each.content, each.line) for each in finding.places]
    return replace(finding, places=(), locators=tuple(str(each) for each in reader.locators(pairs)))
