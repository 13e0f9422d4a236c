"""Reads a document that somebody gives: its text, and that text as JSON or YAML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from whosaw.core.errors import Where, WhosawError

__all__ = ["MAX_DOCUMENT_BYTES", "parsed", "text_of"]

MAX_DOCUMENT_BYTES = 64 << 20


def text_of(path: Path) -> str:
    """The text of a file. Raises `WhosawError` when it is too large, cannot be read or is not UTF-8."""
    where = Where(file=str(path))
    try:
        if path.stat().st_size > MAX_DOCUMENT_BYTES:
            raise WhosawError(
                "suggest.too-large", f"is larger than {MAX_DOCUMENT_BYTES:,} bytes", where=where
            )
        return path.read_bytes().decode("utf-8-sig")
    except OSError as fault:
        raise WhosawError("suggest.unreadable", f"cannot be read ({fault.strerror})", where=where) from fault
    except UnicodeDecodeError as fault:
        raise WhosawError("suggest.not-utf8", "is not UTF-8", where=where) from fault


def parsed(text: str, path: Path) -> Any:
    """A JSON or YAML document. Raises `WhosawError` when it is neither."""
    try:
        if text.lstrip().startswith(("{", "[")):
            return json.loads(text)
        return _yaml(text)
    except (ValueError, RecursionError) as fault:
        raise WhosawError(
            "suggest.unreadable", f"is neither JSON nor YAML: {fault}", where=Where(file=str(path))
        ) from fault


def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 -- a safe loader
    except yaml.YAMLError as fault:
        raise ValueError(str(fault).splitlines()[0]) from fault
