"""What identifies a client, said once: each trait that a log may tell of whoever sent a request, and what is done with it.

The columns of events and of the ledger, the lists in SQL, what commands, items and JSON take for a kind of clue, and the
rows of the pages about them come from here. A list of some of the traits is chosen by what they are (`NUMBERED`, `CLEAR`,
`with_(...)`), so that a further entry is in every list it belongs to; where a list is made of several such choices, `covers`
refuses at import to leave a trait out. A choice that stands whatever is added is `picked`, with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

__all__ = [
    "CLEAR",
    "COLUMNS",
    "FOLLOWING",
    "NAMES",
    "NUMBERED",
    "SENT",
    "TRAITS",
    "VAULTED",
    "ClientSchemaError",
    "Trait",
    "covers",
    "picked",
    "with_",
]

Kept = Literal["vault", "digest", "clear"]
Says = Literal["where", "claimed", "issued"]
Holders = Literal["one", "several", "many"]


class ClientSchemaError(ValueError):
    """A trait is said wrongly, or somebody's list of traits is not what the schema says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """One thing that tells clients apart. `name` is its column in events, ledger, SQL, items and JSON.

    `kept` "vault": a keyed digest with the raw value sealed beside it, shown masked; "digest": a keyed digest alone, shown as its
    number behind `sign`; "clear": the text itself. `code` is the number of its kind among identifiers, for life; none of one
    kept in clear.
    `says` "where": where or with what a request was sent; "claimed": who it says it is; "issued": what it shows as a proof.
    `holders`: whether one client alone has a value, several that belong together do, or strangers may. `fleeting`: made anew for
    each visit. `place`: where on the network. `follows`: the trait from which it follows, so that it tells no client from another.
    `since`: the format of workspaces from which on ledgers have it. A further trait raises that by one, so that older ledgers, which
    cannot tell whether a log had it, are refused or migrated and not read as if no client had any.
    """

    name: str
    one: str  # as it is said in sentences
    several: str
    about: str  # one sentence for the pages
    kept: Kept
    code: int | None
    says: Says
    holders: Holders
    since: int
    sign: str = ""
    fleeting: bool = False
    place: bool = False
    follows: str = ""

    @property
    def numbered(self) -> bool:
        """Whether the ledger keeps it as a number that stands for a digest."""
        return self.kept != "clear"

    @property
    def singles_out(self) -> bool:
        """Whether a value may not be written down in a document."""
        return self.numbered and self.holders != "many"


TRAITS: Final = (
    Trait(
        name="address", one="address", several="addresses", about="Its address.",
        kept="vault", code=1, says="where", holders="one", since=3, place=True,
    ),
    Trait(
        name="agent", one="user agent", several="user agents", about="Its user agent.",
        kept="clear", code=None, says="where", holders="many", since=3,
    ),
    Trait(
        name="principal", one="principal", several="principals", about="Who it claimed to be.",
        kept="vault", code=2, says="claimed", holders="one", since=3,
    ),
    Trait(
        name="session", one="session", several="sessions", about="Its session, as a ledger number.",
        kept="digest", code=3, says="issued", holders="one", since=3, sign="s", fleeting=True,
    ),
    Trait(
        name="token", one="token", several="tokens", about="Its token, as a ledger number.",
        kept="digest", code=4, says="issued", holders="one", since=3, sign="t", fleeting=True,
    ),
    Trait(
        name="key", one="key", several="keys", about="The id of the key that signed its token.",
        kept="clear", code=None, says="issued", holders="several", since=3,
    ),
    Trait(
        name="tls", one="TLS fingerprint", several="TLS fingerprints", about="Its TLS fingerprint.",
        kept="clear", code=None, says="where", holders="many", since=3,
    ),
    Trait(
        name="network", one="network", several="networks", about="The network of its address.",
        kept="digest", code=5, says="where", holders="many", since=3, sign="n", place=True, follows="address",
    ),
)  # fmt: skip
"""In the order in which what a finding is about is written down and digested. It is part of the ids of findings: a further
trait goes to the end."""


def with_(fits: Callable[[Trait], bool]) -> tuple[str, ...]:
    """The names of the traits that fit, in their order."""
    return tuple(each.name for each in TRAITS if fits(each))


NAMES: Final = with_(lambda _: True)
SENT: Final = with_(lambda each: not each.follows)
"""What an event itself can carry. Clients are told apart by all of it."""
FOLLOWING: Final = {each.name: f"it follows from {each.follows}" for each in TRAITS if each.follows}
NUMBERED: Final = with_(lambda each: each.numbered)
CLEAR: Final = with_(lambda each: not each.numbered)
VAULTED: Final = with_(lambda each: each.kept == "vault")
COLUMNS: Final = (*NUMBERED, *CLEAR)
"""In the order of the columns of the ledger."""


def covers(consumer: str, *taken: Iterable[str], left: Mapping[str, str] | None = None) -> None:
    """Raise `ClientSchemaError` where `consumer` neither takes a trait nor leaves it out for a reason, or names one that is none."""
    named = {each for names in taken for each in names}
    out = left or {}
    for each in sorted((named | out.keys()) - set(NAMES)):
        raise ClientSchemaError(f"{consumer} names {each}, which is no column of a client")
    if missing := [each for each in NAMES if each not in named and not out.get(each)]:
        raise ClientSchemaError(
            f"{consumer} leaves out {', '.join(missing)}: take every column of a client, or say why not"
        )


def picked(consumer: str, *names: str, why: str) -> tuple[str, ...]:
    """Some traits that `consumer` names, and no others whatever is added, because of what `why` says."""
    for each in names:
        if each not in NAMES:
            raise ClientSchemaError(f"{consumer} names {each}, which is no column of a client")
    if not why:
        raise ClientSchemaError(f"{consumer} does not say why it takes {', '.join(names)} alone")
    return names


def _check() -> None:
    codes = [each.code for each in TRAITS if each.code is not None]
    for each in TRAITS:
        wrong = (
            ("a name of small letters", not re.fullmatch(r"[a-z][a-z0-9_]*", each.name)),
            ("a name of its own", NAMES.count(each.name) > 1),
            ("a code, where it is not kept in clear, and only there", (each.code is None) == each.numbered),
            ("a code of its own, above 0 (a person's)", each.code == 0 or codes.count(each.code or -1) > 1),
            ("a sign, where only its digest is kept, and only there", (each.kept == "digest") != bool(each.sign)),
            ("a trait that it follows from", bool(each.follows) and each.follows not in SENT),
        )  # fmt: skip
        for needed, is_wrong in wrong:
            if is_wrong:
                raise ClientSchemaError(f"the client's column {each.name!r} needs {needed}")


_check()
