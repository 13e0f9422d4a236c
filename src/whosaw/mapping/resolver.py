"""From identifiers as people write them to the numbers that the ledger gave them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from whosaw.store.ledger import LedgerReader

from .subject_form import forms_of

__all__ = ["Resolver"]


class Resolver:
    """Ledger numbers of identifiers as they stand in context files. A person without a kind is tried as each kind of the map."""

    def __init__(self, reader: LedgerReader) -> None:
        self._reader = reader
        kinds = {body["subject"]["kind"] for body in reader.routes.values()}
        self._kinds = sorted(kinds) or ["customer"]
        self._forms = forms_of(reader.routes.values())

    def __call__(self, kind: str, texts: pa.Array) -> pa.Array:
        if kind != "person":
            return self._reader.numbers_of(kind, texts)
        out = pa.nulls(len(texts), pa.int32())
        for name in self._kinds:
            for each in (
                texts,
                *(form.read(texts.cast(pa.string()))[0] for form in self._forms.get(name, ())),
            ):
                spelled = pc.binary_join_element_wise(pa.scalar(name), each, "\x1f")
                out = pc.coalesce(out, self._reader.numbers_of("person", spelled))
        return out.cast(pa.int64())
