"""Rows for other programs: `--csv`, `--tsv` and `--jsonl`, the same in every command that has them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from whosaw.core.delimited import Form, Row

__all__ = ["CsvFlag", "JsonlFlag", "TsvFlag", "form_of", "once_each", "print_rows"]

CsvFlag = Annotated[
    bool,
    typer.Option("--csv", help="Print rows as CSV; what a spreadsheet may take for a formula is defused."),
]
TsvFlag = Annotated[bool, typer.Option("--tsv", help="Print rows separated by tabs.")]
JsonlFlag = Annotated[bool, typer.Option("--jsonl", help="Print one JSON object for each row.")]


def form_of(*, json: bool, csv: bool, tsv: bool, jsonl: bool) -> Form | None:
    """The form of rows that was asked for; None where none was. Raises `WhosawError` for two forms at once."""
    from whosaw.core.delimited import FORMS
    from whosaw.core.errors import WhosawError

    asked = [form for form, wanted in zip(FORMS, (csv, tsv, jsonl), strict=True) if wanted]
    if len(asked) + json > 1:
        raise WhosawError(
            "rows.two-forms", "one output has one form", hint="Give one of --json, --csv, --tsv, --jsonl"
        )
    return asked[0] if asked else None


def print_rows(columns: Sequence[str], rows: Iterable[Row], form: Form) -> None:
    """The rows on standard output, in UTF-8 whatever the terminal has, and nothing else."""
    from whosaw.core.delimited import delimited

    sys.stdout.flush()
    out = getattr(sys.stdout, "buffer", None)
    for piece in delimited(columns, rows, form):
        if out is None:
            sys.stdout.write(piece)
        else:
            out.write(piece.encode("utf-8", "backslashreplace"))
    if out is not None:
        out.flush()


def once_each(names: Sequence[str]) -> tuple[str, ...]:
    """Names of columns with those that stand there before told apart: n, n_2."""
    told: list[str] = []
    for name in names:
        more, at = name, 1
        while more in told:
            at += 1
            more = f"{name}_{at}"
        told.append(more)
    return tuple(told)
