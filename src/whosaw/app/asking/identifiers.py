"""Whom a text means: a person or clients by any identifier, in any spelling that the logs, the map or the context know it by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final

from whosaw.core import client
from whosaw.core.errors import WhosawError
from whosaw.core.masked import Masked
from whosaw.ingest.addresses import address_and_port
from whosaw.mapping.subject_form import forms_of
from whosaw.store.ledger import LedgerReader
from whosaw.store.repositories.segments import segments_with_digest

__all__ = ["SIGNS", "clients_of", "network_of", "person_of", "plain_indicator", "signed"]

_CLIENT: Final = re.compile(r"c(\d+)\Z")
_PERSON: Final = re.compile(r"p(\d+)\Z")
_LINE: Final = re.compile(r"([0-9a-f]{6,64}):(\d+)\Z")
_CONTACT: Final = re.compile(r"[^@\s]+@[^@\s]+|\+?[\d\s().\-/]{6,}")
SIGNS: Final[Mapping[str, str]] = {each.name: each.sign for each in client.TRAITS if each.kept == "digest"}
_WIDTHS: Final[Mapping[int, int]] = {4: 24, 6: 48}  # of the networks that segments keep
_OTHER_NAMES: Final[Mapping[str, str]] = {"ip": "address", "user-agent": "agent"}
# words for a person that are no kind of the map
_PEOPLE: Final = ("person", "id", "member", "mail", "e-mail", "email", "phone", "tel")
client.covers("app.asking.identifiers", client.VAULTED, client.CLEAR, SIGNS)


def signed(trait: str, number: int) -> str:
    """How a number of a trait is shown whose values no vault keeps: t12."""
    return f"{SIGNS[trait]}{number}"


def network_of(address: str) -> str | None:
    """The network of an address as segments keep it; None where it is no IP address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return str(ip_network((found, _WIDTHS[found.version]), strict=False))


# -- people


def person_of(reader: LedgerReader, text: str) -> int:
    """The number of a person: `p12`, an id, `KIND:id`, `KIND=id`, or a mail or telephone number of the context's list of people.

    Raises `WhosawError` where the ledger knows nobody by it, or several.
    """
    bare = text.strip()
    if found := _PERSON.match(bare):
        number = int(found[1])
        if reader.session.query("SELECT 1 FROM identities WHERE kind = 0 AND number = ?", [number]).num_rows:
            return number
    for raw in _spellings(reader, text):
        known = reader.number_of("person", raw)
        if known is not None:
            return known
    listed = _by_contact(reader, _value(bare))
    if len(listed) == 1:
        return listed[0]
    if listed:
        raise WhosawError(
            "person.several",
            f"{len(listed)} people have the contact {Masked(_value(bare))}",
            hint=f"Name one of {', '.join(f'p{each}' for each in listed[:9])}",
        )
    raise _nobody(reader, bare)


def _nobody(reader: LedgerReader, text: str) -> WhosawError:
    told = f"no line that was read carried data of {Masked(_value(text))}"
    kinds = [each for each, _ in _clients_by_kind(reader, text)]
    if kinds and not _PERSON.match(text):
        return WhosawError(
            "person.unknown",
            f"{told}; it is {_one(kinds[0])} in these logs",
            hint=f"What was seen by it: `whosaw what {kinds[0]}=…`",
        )
    return WhosawError(
        "person.unknown",
        told,
        hint="That says nothing about hours that are missing (`whosaw coverage`) or lists whose persons cannot be told",
    )


def _value(text: str) -> str:
    """What stands behind KIND=, where that is a word for a person."""
    kind, equals, rest = text.partition("=")
    return rest.strip() if equals and kind.strip().casefold() in _PEOPLE else text


def _spellings(reader: LedgerReader, text: str) -> list[str]:
    """How the ledger may know an id: as it stands first, then without blanks around it, then as the map's forms read it."""
    kinds = {body.get("subject", {}).get("kind") or "customer" for body in reader.routes.values()} or {
        "customer"
    }
    forms = forms_of(reader.routes.values())
    named = [
        (kind.strip(), rest) for sign in (":", "=") for kind, found, rest in (text.partition(sign),) if found
    ]
    bare = [text, *(rest for kind, rest in named if kind.casefold() in _PEOPLE)]
    told = [
        *((kind, rest) for kind, rest in named if kind.casefold() not in _PEOPLE or kind in kinds),
        *((each, spelled) for spelled in bare for each in sorted(kinds)),
    ]
    more = [(each, spelled.strip()) for each, spelled in told]
    more += [(each, form.one(spelled.strip())[0]) for each, spelled in told for form in forms.get(each, ())]
    return [f"{each}\x1f{spelled}" for each, spelled in dict.fromkeys((*told, *more))]


def _by_contact(reader: LedgerReader, text: str) -> list[int]:
    """People whom the list of people in the context of the last scan gives this mail or telephone number."""
    folder = reader.workspace.journal.setting("context")
    if folder is None or not _CONTACT.fullmatch(text):
        return []
    from whosaw.actors.subject_list import contact_form, read_subject_list

    people = read_subject_list(Path(folder))
    if people is None or people.contacts is None:
        return []
    asked = contact_form(text)
    pairs = zip(people.contacts.to_pylist(), people.ids.to_pylist(), strict=True)
    ids = [str(each) for contact, each in pairs if contact and each and contact_form(contact) == asked]
    found = (
        next(
            (n for raw in _spellings(reader, each) if (n := reader.number_of("person", raw)) is not None),
            None,
        )
        for each in ids
    )
    return sorted({each for each in found if each is not None})


# -- clients


def clients_of(reader: LedgerReader, text: str) -> list[int]:
    """Numbers of the clients that a text means: `c12`, KIND=VALUE, a number as commands show it (`t12`, `n3`), a locator, or the
    bare value of one kind. Raises `WhosawError` where the logs do not have it, or as several kinds."""
    bare = text.strip()
    if (found := _CLIENT.match(bare)) and reader.clients([int(found[1])]):
        return [int(found[1])]
    kind, equals, value = bare.partition("=")
    kind = _OTHER_NAMES.get(kind.strip().casefold(), kind.strip().casefold())
    if equals and kind in client.NAMES:
        clients = _with(reader, kind, value.strip())
        if not clients:
            raise _not_met(kind, value.strip())
        return clients
    if equals and kind == "line":
        bare = value.strip()
    if (line := _LINE.match(bare)) and (clients := _of_line(reader, line[1], int(line[2]))):
        return clients
    met = list(_clients_by_kind(reader, bare))
    if len(met) > 1:
        names = [each for each, _ in met]
        raise WhosawError(
            "actor.several",
            f"{Masked(bare)} is {' and '.join(_one(each) for each in names)} in these logs",
            hint=f"Name it as {' or '.join(f'{each}=…' for each in names)}",
        )
    if met:
        return met[0][1]
    if "/" in bare and _is_network(bare):
        raise _not_met("network", bare)
    raise WhosawError(
        "actor.unknown",
        f"{Masked(bare)} does not occur in the logs that were read",
        hint=f"Name {', '.join(f'{each}=…' for each in client.NAMES)}, c12, a locator or a finding; who saw a person: `whosaw who`",
    )


def _not_met(kind: str, value: str) -> WhosawError:
    told = f"{kind} {Masked(value)} does not occur in the logs that were read"
    if kind == "network":
        return WhosawError("actor.unknown", told, hint="Networks are kept as /24 of IPv4 and /48 of IPv6")
    return WhosawError("actor.unknown", told, hint="Check the spelling against the log")


def _clients_by_kind(reader: LedgerReader, text: str) -> Iterator[tuple[str, list[int]]]:
    """Each kind of trait that this bare text is a value of, with the clients that have it."""
    for kind in client.NAMES:
        if kind == "network" and "/" not in text and not text.startswith(SIGNS[kind]):
            continue  # an address alone means that address
        if clients := _with(reader, kind, text):
            yield kind, clients


def _with(reader: LedgerReader, kind: str, value: str) -> list[int]:
    """Clients of which the trait is this value, in any of its spellings; none where there are none."""
    if kind in client.CLEAR:
        return reader.clients_with(kind, value)
    sign = SIGNS.get(kind)
    if (
        sign
        and (found := re.fullmatch(rf"{sign}(\d+)", value))
        and (clients := reader.clients_with(kind, int(found[1])))
    ):
        return clients
    for each in _forms_of_trait(reader, kind, value):
        number = reader.number_of(kind, each)
        if number is not None and (clients := reader.clients_with(kind, number)):
            return clients
    return []


def _forms_of_trait(reader: LedgerReader, kind: str, value: str) -> Sequence[str]:
    if kind == "address":
        return list(dict.fromkeys((value, address_and_port(value))))
    if kind == "network":
        return _networks(value)
    if kind == "principal":
        forms = [form for every in forms_of(reader.routes.values()).values() for form in every]
        return list(dict.fromkeys((value, *(form.one(value)[0] for form in forms))))
    return [value]


def _networks(value: str) -> list[str]:
    """The network of an address, or one of the width that segments keep."""
    if "/" not in value:
        return [found] if (found := network_of(value)) else []
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        return []
    return [str(network)] if network.prefixlen == _WIDTHS[network.version] else []


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def plain_indicator(reader: LedgerReader, text: str) -> str:
    """An indicator KIND=VALUE in the spelling that the ledger knows it by; as it is where that is not met."""
    kind, equals, value = text.partition("=")
    kind, value = kind.strip(), value.strip()
    kind = _OTHER_NAMES.get(kind.casefold(), kind)
    if not equals or not value:
        return text
    if kind == "person":
        return f"person=p{person_of(reader, value)}"
    if kind in client.NUMBERED:
        known = (
            each for each in _forms_of_trait(reader, kind, value) if reader.number_of(kind, each) is not None
        )
        return f"{kind}={next(known, value)}"
    return f"{kind}={value}"


def _of_line(reader: LedgerReader, digest: str, line: int) -> list[int]:
    """The clients whose views stand in a line."""
    held = [each.id for each in segments_with_digest(reader.workspace.journal, digest) if each.live]
    found = reader.session.query(
        "SELECT DISTINCT client FROM views WHERE line = ? AND content IN (SELECT unnest(?)) ORDER BY client",
        [line, held],
    )
    return list(found["client"].to_pylist())


def _one(kind: str) -> str:
    name = next(each.one for each in client.TRAITS if each.name == kind)
    return f"a{'n' if name[0] in 'aeiou' else ''} {name}"
