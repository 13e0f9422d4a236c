"""What an organisation sets of the pages on which people see who saw themselves. Nothing is said of staff but their role until it is set."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.errors import WhosawError
from whosaw.store.journal import Journal
from whosaw.store.workspace import journal_of

__all__ = ["OwnSettings", "own_settings", "set_own"]

_SETTING: Final = "own.settings"
_LONGEST: Final = 200
_HERE: Final = {
    ("http", "localhost"),
    ("http", "127.0.0.1"),
}  # for trying it out; anything else could be put in by the network


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSettings:
    """`organisation` and its registry `code`; `contact`: whom a person can ask; `names`: whether staff are named; `purposes`: by route of
    the data map, what it is used for; `portals`: the origins (RFC 6454) of the sites whose forms may sign people in."""

    organisation: str = ""
    code: str = ""
    contact: str = ""
    names: bool = False
    purposes: Mapping[str, str] = field(default_factory=dict)
    portals: tuple[str, ...] = ()


def own_settings(journal: Journal) -> OwnSettings:
    """As they are set."""
    kept = journal.setting(_SETTING)
    if kept is None:
        return OwnSettings()
    told = json.loads(kept)
    return OwnSettings(**{**told, "portals": tuple(told.get("portals", ()))})


@asks(Verb.TELL, "pages for people")
def set_own(
    root: Path,
    *,
    now: datetime,
    organisation: str | None = None,
    code: str | None = None,
    contact: str | None = None,
    names: bool | None = None,
    purposes: Mapping[str, str] | None = None,
    portals: Sequence[str] | None = None,
) -> OwnSettings:
    """Set what is given; an empty purpose is taken away, and an empty portal takes all of them away. The change is in the custody journal."""
    with closing(journal_of(root)) as journal:
        before = own_settings(journal)
        given = {"organisation": organisation, "code": code, "contact": contact}
        texts = {name: text.strip() for name, text in given.items() if text is not None}
        more = {route.strip(): text.strip() for route, text in (purposes or {}).items()}
        for each in (*texts.values(), *more.values(), *more):
            if len(each) > _LONGEST:
                raise WhosawError("own.long", f"a text has at most {_LONGEST} characters")
        kept = {route: text for route, text in {**before.purposes, **more}.items() if text}
        after = replace(
            before,
            **texts,
            names=before.names if names is None else names,
            purposes=kept,
            portals=before.portals
            if portals is None
            else tuple(sorted({_origin(each) for each in portals if each})),
        )
        with journal.transaction() as connection:
            journal.set_setting(connection, _SETTING, json.dumps(asdict(after), sort_keys=True))
            journal.record(connection, "own.set", after, now=now)
        return after


def _origin(text: str) -> str:
    """A site as a browser names it: scheme, host and port, nothing behind them."""
    try:
        parts = urlsplit(text.strip().lower().removesuffix("/"))
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    bare = not (parts.path or parts.query or parts.fragment or parts.username)
    if parts.hostname and bare and (parts.scheme == "https" or (parts.scheme, parts.hostname) in _HERE):
        own = {"https": 443, "http": 80}[parts.scheme]
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return f"{parts.scheme}://{host}" + ("" if port in (None, own) else f":{port}")
    raise WhosawError(
        "own.portal", f"{text!r} is no https address of a site", hint="Name it like https://my.example.org"
    )
