"""What a bundle and its parts are called."""

from __future__ import annotations

__all__ = [
    "CLOSING",
    "CONTAINER",
    "CUSTODY",
    "FORMAT",
    "JOURNAL",
    "KIND",
    "MANIFEST",
    "SIGNATURE",
    "SIGNED",
    "STAMP",
    "STAMPED",
]

FORMAT = 1
KIND = "whosaw evidence bundle"
MANIFEST, SIGNATURE, STAMP, CLOSING = "bundle.json", "signature.json", "stamp.tsr", "closing.json"
JOURNAL, CUSTODY = "journal.jsonl", "custody.jsonl"
CONTAINER, SIGNED, STAMPED = "container", "signature", "time stamp"
