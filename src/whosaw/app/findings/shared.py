"""Findings about an address that many people share, because it is an edge's or a proxy's: they say so, and none of them is sure for that alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from whosaw.app.reading.shared import SharedSource, shared_sources
from whosaw.core import client
from whosaw.core.finding import Confidence, Finding
from whosaw.packs.edges import load_edges
from whosaw.store.ledger import LedgerReader

__all__ = ["with_shared"]

_WHERE: Final = frozenset(client.with_(lambda each: each.says == "where"))


def with_shared(reader: LedgerReader, findings: Sequence[Finding]) -> list[Finding]:
    """The same findings. What rests on nothing but where requests came from, and all of that shared, is of low confidence."""
    sources = shared_sources(reader.workspace.journal)
    if not sources or not findings:
        return list(findings)
    by_number = {
        number: source
        for source in reversed(sources)
        for each in source.digests
        if (number := reader.number_of_first("address", each)) is not None
    }
    return [_told(each, by_number) for each in findings]


def _told(finding: Finding, shared: dict[int, SharedSource]) -> Finding:
    actors = [finding.actor, *(each.actor for each in finding.crossings)]
    asked = {
        value
        for actor in actors
        for name, value in zip(actor.by, actor.values, strict=True)
        if name == "address"
    }
    met = [shared[value] for value in asked if isinstance(value, int) and value in shared]
    if not met:
        return finding
    whose = sorted({_whose(each) for each in met})
    told = f"Everybody behind it shares this address: it is {' or '.join(whose)}. So this may be many people."
    confidence = finding.confidence
    if len(met) == len(asked) and all(_WHERE.issuperset(actor.by) for actor in actors):
        confidence = Confidence(level="low", reasons=(*confidence.reasons, told))
    return replace(finding, facts=(*finding.facts, told), confidence=confidence)


def _whose(source: SharedSource) -> str:
    edge = load_edges().get(source.shared.edge)
    return (
        f"one of {edge.title}'s edge"
        if edge is not None
        else f"a proxy's, as the log of {source.source} suggests"
    )
