"""A text as a reader sees it: passages in reading order, each with its line, and whether it is a heading or an item of a list."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

__all__ = ["Block", "Passage", "Text", "answers_of", "blocks_of_plain", "fold", "passages_of"]

_QUOTES, _DASHES, _BLANKS, _NOTHING = (
    (0x2018, 0x2019, 0x02BC),
    (0x2010, 0x2011, 0x2013, 0x2014, 0x2212),
    (0x00A0,),
    (0x200B, 0xFEFF, 0x00AD),
)
_STRAIGHT: Final = {
    **dict.fromkeys(_QUOTES, "'"),
    **dict.fromkeys(_DASHES, "-"),
    **dict.fromkeys(_BLANKS, " "),
    **dict.fromkeys(_NOTHING, ""),
}
_BULLET: Final = re.compile(
    r"\s*(?:[-•·▶▷►▸☞✓✔☑◆◇※■□➤→✅](?=[^\W\d_])|(?:[-*+>•·◦▪▶▷►▸☞✓✔☑◆◇➤→✅※○●◎■□★\u2013\u2014]|\[\d{1,3}\]|\(?\d{1,2}[.)](?!\d)|[①-⑳]|[가-하][.)]|\(?[a-z][.)])\s+)"
)
_SENTENCE: Final = re.compile(r"(?<=[.!?。\uff01\uff1f])[\"')\]]*\s+(?=\S)")
_DAY_ALONE: Final = re.compile(r"(?:'?\d{2,4}[.]\s?)?\d{1,2}[.]\s?\d{1,2}[.]")
_SHORTENED: Final = re.compile(
    r"\b(?:No|no|nos|Tel|tel|Inc|Ltd|St|Art|art|Mr|Mrs|Dr|e\.g|i\.e|p\.m|a\.m|approx|Nov|Dec|Oct|Sep|Sept|Jan|Feb|Aug|Bw|Bi|Nam|[A-Z])\.$"
)
# the label of a row, such as `Contact: ` or `[언제] `
_LABEL: Final = re.compile(
    r"\s{0,3}(?:\[[^\]\n]{1,24}\]|[^\W\d_][^\W_]{0,14}(?:[ ·/][^\W_]{1,14}){0,3}\s?[:\uff1a])\s?\S"
)
_ENDS: Final = re.compile(r"[.!?。\uff01\uff1f:;|]\W*$")
_ROW: Final = re.compile(r"(?<=\S)(?: {2,}|\t+)(?=\S)|(?<=\S)\s?\.{4,80}\s?(?=\S)")
# a row between bars: `| when | 4 March |`; the line under its head holds no words
_BARRED: Final = re.compile(r"\s{0,3}\|(?P<cells>[^\n]{1,2000}?)\|?\s*$")
_BOLD: Final = re.compile(r"\s{0,3}(?:\*\*|__)(?P<words>[^*_\n]{1,80}[^*_\n.!])(?:\*\*|__)\s*$")
_UNWRAPPED: Final = 140  # columns
_SEVERAL: Final = 2
_HEAD_MARK: Final = re.compile(r"\s{0,3}#{1,6}\s+")


def fold(text: str) -> str:
    """For comparing: compatibility forms, plain quotes and dashes, no capitals."""
    return unicodedata.normalize("NFKC", text).translate(_STRAIGHT).casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, heading, list item or row of a table, as a file holds it. `line` counts from 1; None: it has none."""

    text: str
    line: int | None = None
    heading: bool = False
    item: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A sentence, heading or list item. `language` is "" where it cannot be told."""

    text: str
    line: int | None
    heading: bool = False
    item: bool = False
    language: str = ""
    folded: str = field(default="", compare=False)

    def as_written(self, start: int, end: int) -> str:
        """What stands at a place of `folded`, as the text writes it where folding kept every letter in its place."""
        source = self.text if len(self.text) == len(self.folded) else self.folded
        return " ".join(source[start:end].split())

    @property
    def quote(self) -> str:
        """Enough of it to find it again."""
        words = " ".join(self.text.split())
        return words if len(words) <= 90 else f"{words[:87].rstrip()}..."


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A whole text. `origin` names it for people; `left_out` says what in the file was not read, such as attachments."""

    origin: str
    form: str
    passages: tuple[Passage, ...]
    left_out: tuple[str, ...] = ()

    @property
    def headline(self) -> Passage | None:
        """The first heading, else the first line that is no sentence among the first three passages."""
        named = [each for each in self.passages if each.heading]
        if named:
            return named[0]
        return next((each for each in self.passages[:1] if not _ENDS.search(each.text)), None)


def answers_of(passages: Sequence[Passage]) -> Mapping[Passage, str]:
    """Of each passage that stands right under a question, both of them as folded text: the answer says what the question asks."""
    return {
        answer: f"{question.folded} {answer.folded}"
        for question, answer in pairwise(passages)
        if question.folded.endswith("?") and not answer.folded.endswith("?")
    }


def passages_of(blocks: list[Block]) -> tuple[Passage, ...]:
    """Sentences of all blocks, in order."""
    found: list[Passage] = []
    for block in blocks:
        text = unicodedata.normalize("NFC", block.text)
        whole = " ".join(text.split())
        if not whole:
            continue
        found.extend(
            Passage(
                text=sentence,
                line=block.line,
                heading=block.heading,
                item=block.item,
                folded=fold(sentence),
            )
            for sentence in ([whole] if block.heading else _sentences(whole))
        )
    return tuple(found)


def _sentences(text: str) -> list[str]:
    parts: list[str] = []
    for part in _SENTENCE.split(text):
        # a point between digits is one of a date or a number: 2025. 11. 6.
        number = bool(parts) and re.search(r"\d\.$", parts[-1]) is not None and part[:1].isdigit()
        alone = (
            bool(parts) and _DAY_ALONE.fullmatch(parts[-1]) is not None
        )  # 10. 12. begins what happened then
        if parts and (number or alone or _SHORTENED.search(parts[-1])):
            parts[-1] = f"{parts[-1]} {part}"
        else:
            parts.append(part)
    return parts


def blocks_of_plain(text: str) -> list[Block]:
    """Paragraphs of plain text: wrapped lines belong together, an empty line or a bullet ends a paragraph."""
    blocks: list[Block] = []
    open_lines: list[str] = []
    started = 0
    item = False
    widths = [_width(line) for line in text.splitlines()]
    longest = max(widths, default=0)
    # where several lines are far longer than anybody wraps them, each line is a paragraph
    wrapped = sum(each > _UNWRAPPED for each in widths) < _SEVERAL

    def close() -> None:
        if open_lines:
            blocks.append(Block(text=" ".join(open_lines), line=started, item=item))
            open_lines.clear()

    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or not re.search(r"\w", line):
            close()
        elif mark := _HEAD_MARK.match(line):
            close()
            blocks.append(Block(text=line[mark.end() :], line=number, heading=True))
        elif bold := _BOLD.match(line):
            close()
            blocks.append(Block(text=bold["words"], line=number, heading=True))
        elif barred := _BARRED.match(line):
            close()
            cells = [each.strip() for each in barred["cells"].split("|")]
            # a question with its answer beside it is no name of a row
            apart = (
                [cells[0], " | ".join(cells[1:])]
                if cells[0].endswith("?")
                else [" | ".join(filter(None, cells))]
            )
            blocks += [Block(text=each, line=number, item=True) for each in apart]
        elif bullet := _BULLET.match(line):
            close()
            started, item = number, True
            open_lines.append(line[bullet.end() :])
        elif _ROW.search(line.rstrip()):
            # the row of a table in columns; what is indented below goes on with its last cell
            close()
            started, item = number, True
            open_lines.append(_ROW.sub(" | ", line.strip()))
        elif open_lines and not item and line.startswith(" " * 8):
            # the cell of a row whose name was too long to stand beside it
            open_lines.append(f"| {line.strip()}")
            item = True
        elif open_lines and item and line.startswith("  "):
            open_lines.append(line.strip())
        else:
            # a short line that ends like no sentence stands alone, such as a heading or the row of a list
            if open_lines and (not wrapped or _stands_alone(open_lines[-1], longest) or _LABEL.match(line)):
                close()
            if not open_lines:
                started, item = number, False
            open_lines.append(line.strip())
    close()
    return blocks


def _stands_alone(line: str, longest: int) -> bool:
    if re.search(r"[\d)\]]$", line.rstrip()) and _width(line) < longest * 0.8:
        return True  # ends with a number to call or what stands in brackets beside it
    most = 60 if _width(line) < 1.5 * len(line) else 84  # a line of Hangul takes twice the columns
    return _width(line) < min(most, longest * 0.75) and not line.rstrip().endswith(",")


def _width(line: str) -> int:
    """In columns: a syllable of Hangul takes two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in line)
