"""Sources whose addresses are those of an edge or a proxy, as scans saw them: kept with the ledger, without an address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from whosaw.core.canonical_json import canonical_json
from whosaw.core.document import document, told_as
from whosaw.ingest.shared_addresses import SharedAddress, SharedAddresses
from whosaw.store.journal import Journal
from whosaw.store.workspace import Workspace

__all__ = ["SharedSource", "keep_shared", "shared_sources"]

_SETTING: Final = "shared-addresses"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSource:
    """A source whose addresses many people share, and in which format it was read."""

    source: str
    format: str
    shared: SharedAddress = field(metadata=told_as("found"))
    # the first digests of the addresses, which no rotation of keys changes
    digests: tuple[str, ...] = field(default=(), repr=False, metadata=told_as(never=True))

    @property
    def note(self) -> str:
        return f"{self.source}: {self.shared.note(self.format)}"


def keep_shared(
    workspace: Workspace, seen: Mapping[str, SharedAddresses], formats: Mapping[str, str]
) -> tuple[SharedSource, ...]:
    """Keep what a scan saw of the sources that it read, in the place of what was known of them; what is known of all now."""
    journal, vault = workspace.journal, workspace.vault
    known = _known(journal)
    before = dict(known)
    for source, each in seen.items():
        if not each.requests:
            continue
        known.pop(source, None)
        if (found := each.found) is not None:
            kept = [vault.digest("address", each_of) for each_of in each.shared_by(found)]
            firsts = [vault.first(np.frombuffer(digest, np.uint8)).tobytes().hex() for digest in kept]
            known[source] = {"format": formats[source], "found": document(found), "digests": firsts}
    if known != before:
        with journal.transaction() as connection:
            journal.set_setting(connection, _SETTING, canonical_json(known).decode())
    return shared_sources(journal)


def shared_sources(journal: Journal, source: str | None = None) -> tuple[SharedSource, ...]:
    """Those that are known, by name, or one of them."""
    return tuple(
        SharedSource(
            source=name,
            format=each["format"],
            shared=_read(each["found"]),
            digests=tuple(each["digests"]),
        )
        for name, each in sorted(_known(journal).items())
        if source in (None, name)
    )


def _read(told: Mapping[str, Any]) -> SharedAddress:
    return SharedAddress(
        edge=told["edge"],
        share=told["share"],
        addresses=told["addresses"],
        agents=told["agents"],
        field=told["field"],
    )


def _known(journal: Journal) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(journal.setting(_SETTING) or "{}")
    return found
