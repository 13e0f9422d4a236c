"""What an organisation sets of the pages on which people see who saw themselves. Nothing is said of staff but their role until it is set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.errors import WhosawError
from whosaw.store.journal import Journal
from whosaw.store.workspace import journal_of

__all__ = ["OwnSettings", "own_settings", "set_own"]

_SETTING: Final = "own.settings"
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSettings:
    """`organisation` and its registry `code`; `contact`: whom a person can ask; `names`: whether staff are named; `purposes`: by route of
    the data map, what it is used for."""

    organisation: str = ""
    code: str = ""
    contact: str = ""
    names: bool = False
    purposes: Mapping[str, str] = field(default_factory=dict)


def own_settings(journal: Journal) -> OwnSettings:
    """As they are set."""
    kept = journal.setting(_SETTING)
    return OwnSettings() if kept is None else OwnSettings(**json.loads(kept))


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
) -> OwnSettings:
    """Set what is given; an empty purpose is taken away. The change is in the custody journal."""
    with closing(journal_of(root)) as journal:
        before = own_settings(journal)
        given = {"organisation": organisation, "code": code, "contact": contact}
        texts = {name: text.strip() for name, text in given.items() if text is not None}
        more = {route.strip(): text.strip() for route, text in (purposes or {}).items()}
        for each in (*texts.values(), *more.values(), *more):
            if len(each) > _LONGEST:
                raise WhosawError("own.long", f"a text has at most {_LONGEST} characters")
        kept = {route: text for route, text in {**before.purposes, **more}.items() if text}
        after = replace(before, **texts, names=before.names if names is None else names, purposes=kept)
        with journal.transaction() as connection:
            journal.set_setting(connection, _SETTING, json.dumps(asdict(after), sort_keys=True))
            journal.record(connection, "own.set", after, now=now)
        return after
