"""Templates such as `/customers/{id}/addresses`: what a map may say about paths and object names.

A template is literal text, `{name}` for one or more characters other than `/`, and `*`. In a path `*` stands
only at the end; in an object name anywhere. Nothing a user writes becomes a regular expression: templates are
compiled here, every literal quoted, into tests that take linear time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from whosaw.store.sql import quote_text

__all__ = ["MAX_TEMPLATE", "Template", "TemplateError", "parse_template"]

MAX_TEMPLATE = 512
_PIECE = re.compile(r"\{([^{}]*)\}|\*+|[{}]|[^{}*]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_WORD = re.compile(r"[A-Za-z0-9_]")
STAR = "*"


class TemplateError(ValueError):
    """A template that cannot be read; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """`literals[0] holes[0] literals[1] holes[1] ...`; a hole is a name, or `*` for any text."""

    text: str
    literals: tuple[str, ...]
    holes: tuple[str, ...]
    bare_end: bool = False  # a path that ends in /*, which also stands for the path without it

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(hole for hole in self.holes if hole != STAR)

    @property
    def prefix(self) -> str:
        """The literal text before the first hole."""
        return self.literals[0]

    @property
    def suffix(self) -> str:
        """The literal text after the last hole; empty where the template ends in a hole or has none."""
        return self.literals[-1] if self.holes else ""

    def regex(self) -> str:
        """An expression for a full match, understood alike by RE2 and Python; one group for each name."""
        literals, holes, end = self.literals, self.holes, ""
        if self.bare_end:
            literals, holes, end = (*literals[:-2], literals[-2][:-1]), holes[:-1], "(?:/.*)?"
        out = [_quoted(literals[0])]
        for hole, literal in zip(holes, literals[1:], strict=True):
            out += ["(?:.*)" if hole == STAR else "([^/]+)", _quoted(literal)]
        return "(?s)^" + "".join(out) + end + "$"

    def group(self, name: str) -> int:
        """The number of the group that holds `name`."""
        return self.names.index(name) + 1

    def sql_test(self, column: str, *, ignore_case: bool = False) -> str:
        """A condition over `column` (an SQL expression of type text)."""
        if ignore_case:
            return f"regexp_matches({column}, {quote_text('(?i)' + self.regex())})"
        if not self.holes:
            return f"{column} = {quote_text(self.literals[0])}"
        begins = f"starts_with({column}, {quote_text(self.prefix)})" if self.prefix else "true"
        if self.holes == (STAR,) and not self.suffix:
            if self.bare_end and len(self.prefix) > 1:
                return f"({begins} OR {column} = {quote_text(self.prefix[:-1])})"
            return begins
        if self._one_name():
            fixed = len(self.prefix) + len(self.suffix)
            ends = f" AND ends_with({column}, {quote_text(self.suffix)})" if self.suffix else ""
            inner = f"NOT contains({self._middle(column)}, '/')"
            return f"({begins}{ends} AND length({column}) > {fixed} AND {inner})"
        return f"({begins} AND regexp_matches({column}, {quote_text(self.regex())}))"

    def sql_value(self, column: str, name: str, *, ignore_case: bool = False) -> str:
        """The text at `name`, for a `column` that passed `sql_test`."""
        if self._one_name() and not ignore_case:
            return self._middle(column)
        flags = "(?i)" if ignore_case else ""
        return f"regexp_extract({column}, {quote_text(flags + self.regex())}, {self.group(name)})"

    def _one_name(self) -> bool:
        return len(self.holes) == 1 and self.holes[0] != STAR

    def _middle(self, column: str) -> str:
        fixed = len(self.prefix) + len(self.suffix)
        return f"substring({column}, {len(self.prefix) + 1}, length({column}) - {fixed})"


def parse_template(text: str, *, path: bool) -> Template:
    """Read a template of a path (`path=True`) or of an object name. Raises `TemplateError`."""
    if not text or len(text) > MAX_TEMPLATE:
        raise TemplateError(f"a template has 1 to {MAX_TEMPLATE} characters")
    if any(ord(letter) < 32 or ord(letter) == 127 or 0xD800 <= ord(letter) <= 0xDFFF for letter in text):
        raise TemplateError("a template holds no control characters")
    if path:
        _check_path(text)
    literals: list[str] = [""]
    holes: list[str] = []
    for piece in _PIECE.finditer(text):
        token, name = piece[0], piece[1]
        if name is None and token[0] not in "{}*":
            literals[-1] += token
            continue
        if token in ("{", "}"):
            raise TemplateError(f"a {token!r} without its partner")
        if holes and literals[-1] == "":
            raise TemplateError("two open places side by side cannot be told apart")
        if name is None:
            if len(token) > 1:
                raise TemplateError("* is written once")
            holes.append(STAR)
        else:
            if not _NAME.fullmatch(name):
                raise TemplateError(f"{{{name}}} is not a name: letters, digits, - and _")
            if name in holes:
                raise TemplateError(f"{{{name}}} stands twice")
            holes.append(name)
        literals.append("")
    if path and (STAR in holes[:-1] or (STAR in holes and literals[-1])):
        raise TemplateError("* stands only at the end of a path")
    if path and literals[-1]:
        # a closing slash is no part of a path, except of the path that is nothing else
        literals[-1] = literals[-1].rstrip("/") or ("" if holes else "/")
    bare_end = path and holes[-1:] == [STAR] and literals[-2].endswith("/")
    return Template(text=text, literals=tuple(literals), holes=tuple(holes), bare_end=bare_end)


def _check_path(text: str) -> None:
    if not text.startswith("/"):
        raise TemplateError("a path starts with /")
    if "?" in text or "#" in text:
        raise TemplateError("a path has no ? or #; write match.query for parameters")
    if "%" in text:
        raise TemplateError("a path is written decoded, without %")
    if "//" in text or any(part in (".", "..") for part in text.split("/")):
        raise TemplateError("a path has no empty, . or .. part")


def _quoted(literal: str) -> str:
    # every sign that is no letter, digit or underscore is escaped; RE2 and Python agree on that for ASCII
    return "".join(c if _WORD.match(c) or ord(c) > 127 else "\\" + c for c in literal)
