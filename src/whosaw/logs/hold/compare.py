"""What became of a held file: the judgement alone. Whoever looks at files says what there is in a `Look`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from .held import Checkpoint, HeldFile

__all__ = ["LOSSES", "OUTCOMES", "Look", "Outcome", "Verdict", "judge"]

Outcome = Literal["same", "grown", "moved", "shorter", "changed", "gone", "cannot-tell"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("same", "grown", "moved", "shorter", "changed", "gone", "cannot-tell")
LOSSES: Final[frozenset[Outcome]] = frozenset({"shorter", "changed", "gone"})
_NOT_SEEN: Final = "it was read earlier and was not as it had been when the hold began"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What stands now under the name of a held file, and where else its bytes were found.

    `there` is whether the name exists, `folder` whether the folder does. `size` and `lines` are the unpacked bytes and
    whole lines read, at most as many bytes as are held; `more` tells that there are further ones. `digests` maps lengths to digests of so many first
    bytes. `elsewhere` is the name under which the whole content was found, if another. `first` is the time of the first event
    (microseconds) of what stands there, where it begins otherwise. `under` is the name of what is described, where another one
    begins as what was held did. `trouble` says why it could not be read to its end.
    """

    there: bool
    folder: bool = True
    size: int = 0
    lines: int = 0
    more: bool = False
    digests: Mapping[int, str] = field(default_factory=dict)
    elsewhere: str | None = None
    under: str | None = None
    first: int | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one held file. Sizes are unpacked bytes. `from_byte` and `from_line` are the last place up to which
    it is proven to be what was held; `lines_lost` is None where it cannot be told."""

    file: HeldFile
    outcome: Outcome
    why: str = ""
    now: int | None = None
    name_now: str | None = None
    lines_lost: int | None = 0
    from_byte: int | None = None
    from_line: int | None = None

    @property
    def lost(self) -> bool:
        """Whether any of what was held is no longer there."""
        return self.outcome in LOSSES


def judge(held: HeldFile, look: Look) -> Verdict:
    """What became of `held`. A content that is whole under any name is not lost; one of which a byte changed is."""
    if look.digests.get(held.size) == held.digest:
        grown = look.more
        why = "it has grown; what was held is unchanged" if grown else ""
        return Verdict(file=held, outcome="grown" if grown else "same", why=why, now=held.size)
    if look.elsewhere is not None:
        why = f"the same content stands in {look.elsewhere}"
        return Verdict(file=held, outcome="moved", why=why, now=held.size, name_now=look.elsewhere)
    if not look.there:
        if not look.folder:
            return Verdict(file=held, outcome="cannot-tell", why="its folder is not there", lines_lost=None)
        why = (
            _NOT_SEEN if held.missing else "it is not there, and its content was not found under another name"
        )
        return Verdict(file=held, outcome="gone", why=why, lines_lost=held.lines)
    if look.size == 0 and look.trouble is not None:
        return Verdict(file=held, outcome="cannot-tell", why=look.trouble, lines_lost=None)
    return _differs(held, look)


def _differs(held: HeldFile, look: Look) -> Verdict:
    """Something stands under the name, and it is not what was held."""
    proven = _proven(held, look)
    begins_same = look.digests.get(held.head_size) == held.head
    if look.size < held.size and _cut(held, look, proven):
        where = f" in {look.under}" if look.under is not None else ""
        why = f"only {look.size:,} of {held.size:,} bytes are left{where}"
        if look.trouble is not None:
            why += f" ({look.trouble})"
        return Verdict(
            file=held, outcome="shorter", why=why, now=look.size, lines_lost=max(0, held.lines - look.lines),
            name_now=look.under, from_byte=proven.end, from_line=proven.lines + 1,
        )  # fmt: skip
    replaced = not begins_same and look.first is not None and held.last is not None and look.first > held.last
    if replaced:
        why = "another log stands in its place, and its content was not found under another name"
        return Verdict(file=held, outcome="gone", why=why, lines_lost=held.lines)
    if not begins_same and (look.first is None or held.first is None):
        why = "something else stands in its place: rewritten from its beginning, or another log; which of the two cannot be told"
        return Verdict(
            file=held, outcome="changed", why=why, now=look.size, lines_lost=None, from_byte=0, from_line=1
        )
    why = "it was rewritten" if begins_same else "it was rewritten from its beginning"
    if look.under is not None:
        why = f"what begins as it did stands in {look.under}, and goes on otherwise"
    return Verdict(
        file=held, outcome="changed", why=why, now=look.size, lines_lost=None, name_now=look.under,
        from_byte=proven.end, from_line=proven.lines + 1,
    )  # fmt: skip


def _proven(held: HeldFile, look: Look) -> Checkpoint:
    """The last checkpoint up to which the bytes are the same."""
    same = [each for each in held.checkpoints if look.digests.get(each.end) == each.digest]
    return max(same, key=lambda each: each.end, default=Checkpoint(end=0, lines=0, digest=""))


def _cut(held: HeldFile, look: Look, proven: Checkpoint) -> bool:
    """Whether what is left is a beginning of what was held, as far as can be told: every checkpoint that it reaches holds, and
    so does the head. Of less than a head only the time of its first event speaks; where nothing is left, nothing has to."""
    reached = [each.end for each in held.checkpoints if each.end <= look.size]
    if reached and max(reached) != proven.end:
        return False
    if look.size >= held.head_size:
        return look.digests.get(held.head_size) == held.head
    return look.size == 0 or (look.first is not None and look.first == held.first)
