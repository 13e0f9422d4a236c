"""What a part of any draft gives back: blocks with sources, or what is missing and where to give it; and what one of a filing is told from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from whosaw.core.case_head import Event
from whosaw.core.draft import Block, BlockKind, Missing
from whosaw.core.moments import Moment
from whosaw.law.account import Statement

from .case_material import Asked, Bounds, Material, Version
from .filing_words import FilingWords

__all__ = ["Filled", "Telling", "joined", "no_scope", "statement_source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What was told, and what could not be."""

    blocks: tuple[Block, ...] = ()
    missing: tuple[Missing, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.blocks or self.missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One draft that is being made: the case, the duty, the words. `before` is the version that the last report told of, for a
    supplement; `since` is when that report was made, `added` how many people came in between."""

    material: Material
    asked: Asked
    words: FilingWords
    now: Version | None
    before: Version | None = None
    added: Bounds | None = None
    since: Moment | None = None
    supplement: bool = False

    @property
    def language(self) -> str:
        return self.words.language.code

    def time(self, when: Moment) -> str:
        return self.words.time(when, self.material.zone)

    def row(self, label: str, text: str, *sources: str) -> Block:
        return Block(kind="row", label=label, text=text, sources=sources)

    def statements(self, about: str, *, required: bool = True, label: str = "") -> Filled:
        """Everything said about one matter, in the language of the draft. What is not said in it is missing, never translated."""
        return self.told(self.material.account.about(about), about, required=required, label=label)

    def told(self, said: Sequence[Statement], about: str, *, required: bool, label: str = "") -> Filled:
        """The same of some of it."""
        blocks: list[Block] = []
        missing = [self.not_said(about)] if required and not said else []
        for each in said:
            if self.language in each.texts:
                blocks.append(self._statement(each, label, alone=len(said) == 1))
            else:
                missing.append(self._not_in_language(each))
        return Filled(blocks=tuple(blocks), missing=tuple(missing))

    def not_said(self, about: str, needs: str = "") -> Missing:
        """Where a statement about one matter goes; `needs` is the word for it, where that is not the matter itself."""
        example = f'[[statement]] about = "{about}", said_by = "...", text = {{ {self.language} = "..." }}'
        return self.missing(needs or about, f"{self.material.file}: {example}")

    def missing(self, key: str, where: str, **values: str) -> Missing:
        return Missing(needs=self.words.need(key, **values), where=where)

    def _statement(self, said: Statement, label: str, *, alone: bool) -> Block:
        text = said.texts[self.language]
        if said.when is not None:
            text = self.words.say("dated", text=text, when=self.time(said.when))
        kind: BlockKind = "row" if label else "text" if alone else "item"
        return Block(kind=kind, label=label, text=text, sources=(statement_source(said),))

    def _not_in_language(self, said: Statement) -> Missing:
        line = f", line {said.line}" if said.line else ""
        where = f'{self.material.file}{line}: text = {{ {self.language} = "..." }} of this statement'
        return self.missing("statement-in-language", where, about=said.about)

    def in_contact(self, key: str) -> Missing:
        where = f'{self.material.file}: [contact] {key} = {{ {self.language} = "..." }}'
        return self.missing(f"contact-{key}", where)

    def claims(self, kind: str, label: str, disputed: str) -> list[Block]:
        """Every time claimed for one kind of event; said to be disputed where they differ."""
        found = self.material.claimed(kind)
        times = {(each.when.earliest, each.when.latest) for each in found}
        blocks = []
        if len(times) > 1:
            blocks.append(Block(kind="text", text=self.words.say(disputed)))
        for each in found:
            who = self.material.account.name(each.said_by, self.language)
            text = self.words.say("claimed", when=self.time(each.when), who=who)
            blocks.append(self.row(self.words.label(label), text, event_source(each)))
        return blocks


def event_source(claim: Event) -> str:
    evidence = f" ({claim.evidence})" if claim.evidence else ""
    return f"case file: event {claim.kind}, said by {claim.said_by}{evidence}"


def statement_source(said: Statement) -> str:
    """Where a statement comes from."""
    source = f" ({said.source})" if said.source else ""
    return f"case file: statement about {said.about}, said by {said.said_by}{source}"


def joined(parts: Sequence[Filled]) -> Filled:
    """Several parts as one; what two of them miss is missing once."""
    return Filled(
        blocks=tuple(block for each in parts for block in each.blocks),
        missing=tuple(dict.fromkeys(missing for each in parts for missing in each.missing)),
    )


def no_scope(telling: Telling, needs: str) -> Filled:
    """What only a scope version can tell, in a case without one."""
    where = f"{telling.material.file}: [[scope]] with a version that `whosaw scope new` made"
    return Filled(missing=(telling.missing(needs, where),))
