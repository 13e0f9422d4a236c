"""What the published JSON schemas and pages say of a client, from `whosaw.core.client`.

python -m tools.client_schema --write | --check
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from tools.generated import ROOT, main
from whosaw.actors.detectors import GROUPINGS
from whosaw.core import client
from whosaw.scope.versions.document import CLUE_KINDS

_SCHEMAS = ROOT / "docs" / "reference" / "json"
_EVENTS = ROOT / "docs" / "howto" / "events.md"
_ROWS = {
    "what sent the request": lambda each: each.says == "where" and not each.follows,
    "who the request claims to be, and with what": lambda each: each.says != "where",
}


def _listed(names: list[str]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}"


def _client() -> dict[str, Any]:
    """The properties of a client in the order in which a document has them."""
    shown = sorted(
        (each for each in client.TRAITS if not each.follows),
        key=lambda each: ("vault", "clear", "digest").index(each.kept),
    )
    number = {"type": "string", "description": "Its number in the ledger.", "pattern": "^c\\d+$"}
    return {"client": number} | {
        each.name: {"type": "string", "description": each.about}
        | ({"pattern": f"^{each.sign}\\d+$"} if each.kept == "digest" else {})
        for each in shown
    }


def _common() -> str:
    path = _SCHEMAS / "common.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    schema["$defs"]["client"]["properties"] = _client()
    actor = schema["$defs"]["actor"]["properties"]
    actor["by"]["items"]["enum"] = list(GROUPINGS)
    texts = _listed([*client.CLEAR, "manner"])
    actor["values"]["description"] = f"Their values: ledger numbers, or text for {texts}."
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _scope() -> str:
    path = _SCHEMAS / "scope-new.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    clue = schema["properties"]["clues"]["items"]["properties"]
    clue["kind"]["enum"] = list(CLUE_KINDS)
    plain = " or ".join(
        [", ".join(["a finding", *(each.one for each in client.TRAITS if not each.numbered)]), "line"]
    )
    clue["value"]["description"] = f"Plain for {plain}; else a keyed digest."
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _events() -> str:
    text = _EVENTS.read_text(encoding="utf-8")
    for told, fits in _ROWS.items():
        names = ", ".join(f"`{each}`" for each in client.with_(fits))
        text, found = re.subn(
            rf"^\|[^|\n]*\| text \| {told} \|$", f"| {names} | text | {told} |", text, flags=re.MULTILINE
        )
        if found != 1:
            raise SystemExit(f"{_EVENTS.name} has no row, or several, that says: {told}")
    return text


def pages() -> dict[Path, str]:
    return {
        _SCHEMAS / "common.schema.json": _common(),
        _SCHEMAS / "scope-new.schema.json": _scope(),
        _EVENTS: _events(),
    }


if __name__ == "__main__":
    sys.exit(main("client_schema", pages))
