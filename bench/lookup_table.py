"""A made-up table of a look-up page, for measuring what is done with it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from whosaw.lookup.answer import CANARY, RECORD, Category, Facts, Office, State
from whosaw.lookup.table import TableWriter
from whosaw.store.files import write_atomically

__all__ = ["made_table"]


def made_table(folder: Path, contacts: Sequence[str], canaries: Sequence[str] = ()) -> tuple[Path, Path]:
    """A table in which these contacts (as they are looked up by) are victims, and its key."""
    table, key = folder / "t.lookup", folder / "t.lookup.key"
    write_atomically(key, os.urandom(32))
    day = 86_400_000_000
    facts = Facts(
        case="made-up", version=1, made=20_000 * day, zone="Africa/Nairobi", country="KR", minor_under=14,
        office=Office(names={"": "Duka la Mfano"}, departments={"en": "Privacy office"}, telephone="+254 20 000 0000"),
        languages=("en", "ko", "sw"),
        categories=(Category(key="contact.email"), Category(key="contact.address", why=("coverage-gap",)), Category(key="identity.name")),
        seen=((), ("contact.email", "identity.name")), book=(), gaps=(), first=19_900 * day, last=19_990 * day,
        records_from=19_800 * day, records_until=20_000 * day, held=len(contacts), inexact=0, paper=False, canaries=len(canaries),
    )  # fmt: skip
    with TableWriter(table, key.read_bytes()) as writer:
        for keys, state, whose in ((contacts, State.SEEN, 0), (canaries, State.REST, CANARY)):
            if keys:
                records = np.zeros(len(keys), RECORD)
                records["state"], records["whose"] = state, whose
                records["seen"] = int(state == State.SEEN)
                writer.add(pa.array(keys), np.arange(len(keys), dtype=np.uint64), records)
        writer.write(facts)
        writer.finish()
    return table, key
