"""Whether the mail of a domain will be believed: SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489), from records that somebody pasted.

No name is looked up. What cannot be told from the records that are there is not told: an `include` whose record was not pasted may hold or not.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

__all__ = ["RecordCheck", "check_sender", "read_records"]

_HOLDS, _FAILS, _CANNOT_TELL = "holds", "fails", "cannot tell"
_LINE: Final = re.compile(
    r"^\s*(\S+?)\.?\s+(?:\d+\s+)?(?:IN\s+)?(?:TXT|A|AAAA|MX)?\s*(.+?)\s*$", re.IGNORECASE
)
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_MOST_LOOKUPS: Final = 10  # RFC 7208, 4.6.4
_LEAST_BITS: Final = 1024  # RFC 8301, 3.2
_RESULTS: Final = {"+": _HOLDS, "-": _FAILS, "~": _FAILS, "?": _CANNOT_TELL}
Records = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCheck:
    """One thing that receivers look at: holds, fails or cannot tell, why, and what to do."""

    what: str
    answer: str
    why: str
    do: str = ""


def read_records(text: str) -> dict[str, list[str]]:
    """Records by name, from lines as `dig` prints them or as zone files have them: name, then the text, in quotes or without."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith((";", "#")):
            continue
        matched = _LINE.match(line)
        if matched is None:
            continue
        quoted = _QUOTED.findall(matched[2])
        value = (
            "".join(each.replace('\\"', '"').replace("\\;", ";") for each in quoted) if quoted else matched[2]
        )
        found.setdefault(matched[1].lower(), []).append(value.replace("\\;", ";"))
    return found


def check_sender(
    domain: str, records: Records, *, servers: Sequence[str], selectors: Sequence[str], bounces: str = ""
) -> tuple[RecordCheck, ...]:
    """What receivers will find of mail from `domain` that `servers` (addresses) send, signed under `selectors`, with return paths at `bounces`."""
    back = (bounces or domain).lower()
    spf = tuple(_spf(back, records, each) for each in servers) or (
        RecordCheck(what="SPF", answer=_CANNOT_TELL, why="no address of the sending server was named"),
    )
    dkim = tuple(_dkim(domain.lower(), records, each) for each in selectors) or (
        RecordCheck(what="DKIM", answer=_CANNOT_TELL, why="no selector was named"),
    )
    return (*spf, *dkim, *_dmarc(domain.lower(), back, records, spf, dkim))


def _spf(domain: str, records: Records, server: str) -> RecordCheck:
    what = f"SPF of {domain} for {server}"
    try:
        address = ipaddress.ip_address(server)
    except ValueError:
        return RecordCheck(what=what, answer=_CANNOT_TELL, why="that is no address")
    answer, why = _Spf(records, address).of(domain, 0)
    do = "Add the server's address to the record" if answer == _FAILS else ""
    return RecordCheck(what=what, answer=answer, why=why, do=do)


class _Spf:
    """Goes through a record and those that it includes, as check_host() does (RFC 7208, 4), as far as they were pasted."""

    def __init__(self, records: Records, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
        self._records, self._address = records, address
        self._lookups = 0

    def of(self, domain: str, depth: int) -> tuple[str, str]:
        found = [each for each in self._records.get(domain, ()) if each.lower().split(" ")[0] == "v=spf1"]
        if not found:
            known = domain in self._records
            return (_FAILS if known else _CANNOT_TELL), f"there is no SPF record of {domain}" + (
                "" if known else " among those pasted"
            )
        if len(found) > 1:
            return _FAILS, f"{domain} has {len(found)} SPF records, which is an error (RFC 7208, 4.5)"
        redirect = ""
        for term in found[0].split()[1:]:
            if "=" in term.partition(":")[0]:
                name, _, value = term.partition("=")
                redirect = value.lower() if name.lower() == "redirect" else redirect
                continue
            told = self._term(term, domain, depth)
            if told is not None:
                return told
        if redirect:
            return self._follow(redirect, depth)
        return _CANNOT_TELL, f"no term of the record of {domain} names this server, and it ends without all"

    def _term(self, term: str, domain: str, depth: int) -> tuple[str, str] | None:
        sign, plain = (term[0], term[1:]) if term[0] in _RESULTS else ("+", term)
        name, _, value = plain.partition(":")
        name = name.lower().partition("/")[0]
        if name == "all":
            return _RESULTS[sign], f"{term} of {domain} decides"
        if name in ("ip4", "ip6"):
            try:
                network = ipaddress.ip_network(value, strict=False)
            except ValueError:
                return _FAILS, f"{term} of {domain} is no network, which makes the record an error"
            inside = network.version == self._address.version and self._address in network
            return (_RESULTS[sign], f"{term} of {domain} names it") if inside else None
        if name == "include":
            answer, why = self._follow(value.lower(), depth)
            return (
                None
                if answer == _FAILS and "error" not in why
                else (answer, why)
                if answer != _HOLDS
                else (_RESULTS[sign], why)
            )
        if name in ("a", "mx", "exists", "ptr"):
            return self._named(name, value.lower() or domain, term, sign)
        return _FAILS, f"{term} of {domain} is no term, which makes the record an error"

    def _named(self, name: str, host: str, term: str, sign: str) -> tuple[str, str] | None:
        self._lookups += 1
        if self._lookups > _MOST_LOOKUPS:
            return _FAILS, "the record asks for more than ten look-ups, which is an error (RFC 7208, 4.6.4)"
        hosts = [host.partition("/")[0]]
        if name == "mx":
            hosts = [
                each.split()[-1].rstrip(".").lower()
                for each in self._records.get(hosts[0], ())
                if re.fullmatch(r"\d+\s+\S+", each)
            ]
        addresses = [each for one in hosts for each in self._records.get(one, ()) if _is_address(each)]
        if name in ("exists", "ptr") or not addresses:
            return _CANNOT_TELL, f"{term} asks for a name whose records were not pasted"
        return (_RESULTS[sign], f"{term} names it") if str(self._address) in addresses else None

    def _follow(self, domain: str, depth: int) -> tuple[str, str]:
        self._lookups += 1
        if self._lookups > _MOST_LOOKUPS or depth >= _MOST_LOOKUPS:
            return _FAILS, "the record asks for more than ten look-ups, which is an error (RFC 7208, 4.6.4)"
        return self.of(domain, depth + 1)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _dkim(domain: str, records: Records, selector: str) -> RecordCheck:
    name = f"{selector}._domainkey.{domain}".lower()
    what = f"DKIM key {name}"
    found = records.get(name)
    if not found:
        return RecordCheck(
            what=what,
            answer=_CANNOT_TELL,
            why="its record is not among those pasted",
            do=f"Paste the answer of dig TXT {name}",
        )
    tags = _tags(found[0])
    if tags.get("v", "DKIM1") != "DKIM1":
        return RecordCheck(what=what, answer=_FAILS, why="the record is of another kind")
    if not tags.get("p"):
        return RecordCheck(
            what=what,
            answer=_FAILS,
            why="the key was withdrawn (RFC 6376, 3.6.1)",
            do="Publish a key, and sign with it",
        )
    return _key(what, tags)


def _key(what: str, tags: Mapping[str, str]) -> RecordCheck:
    try:
        raw = base64.b64decode(re.sub(r"\s", "", tags["p"]), validate=True)
        if tags.get("k", "rsa") == "ed25519":
            ed25519.Ed25519PublicKey.from_public_bytes(raw)
            return RecordCheck(
                what=what,
                answer=_HOLDS,
                why="an Ed25519 key, which some receivers do not know yet (RFC 8463)",
                do="Sign with RSA as well",
            )
        key = load_der_public_key(raw)
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        return RecordCheck(
            what=what, answer=_FAILS, why="what stands in p= is no key", do="Publish it again, in one piece"
        )
    if not isinstance(key, rsa.RSAPublicKey):
        return RecordCheck(what=what, answer=_FAILS, why="what stands in p= is no RSA key")
    if key.key_size < _LEAST_BITS:
        return RecordCheck(
            what=what,
            answer=_FAILS,
            why=f"a key of {key.key_size} bits is refused (RFC 8301)",
            do="Make one of 2,048 bits",
        )
    testing = (
        "; t=y says that it is being tested, so receivers may pass over it"
        if "y" in tags.get("t", "").split(":")
        else ""
    )
    return RecordCheck(what=what, answer=_HOLDS, why=f"an RSA key of {key.key_size} bits{testing}")


def _dmarc(
    domain: str, back: str, records: Records, spf: Sequence[RecordCheck], dkim: Sequence[RecordCheck]
) -> tuple[RecordCheck, ...]:
    parents = [".".join(domain.split(".")[at:]) for at in range(len(domain.split(".")) - 1)]
    name, found = next(
        ((each, told) for each in parents if (told := _dmarc_record(records, each))), (domain, "")
    )
    what = f"DMARC of {domain}"
    if not found:
        known = f"_dmarc.{domain}" in records
        why = "there is no DMARC record" if known else f"the record _dmarc.{domain} is not among those pasted"
        do = f"Publish one at _dmarc.{domain}: large receivers refuse bulk mail without it"
        return (RecordCheck(what=what, answer=_FAILS if known else _CANNOT_TELL, why=why, do=do),)
    tags = _tags(found)
    if tags.get("p") not in ("none", "quarantine", "reject"):
        return (
            RecordCheck(
                what=what,
                answer=_FAILS,
                why="its p= is none of none, quarantine and reject",
                do="Mend the record",
            ),
        )
    strict = tags.get("aspf", "r") == "s"
    aligned = back == domain if strict else back == domain or back.endswith(f".{name}") or name == back
    by_spf = _worst(spf) if aligned else _FAILS
    by_dkim = max(
        (each.answer for each in dkim), key=(_FAILS, _CANNOT_TELL, _HOLDS).index
    )  # one good signature is enough
    answer = max((by_spf, by_dkim), key=(_FAILS, _CANNOT_TELL, _HOLDS).index)
    path = "in line with" if aligned else "not in line with"
    why = f"p={tags['p']} at {name}; the return path {back} is {path} it, SPF {by_spf}, DKIM {by_dkim}"
    do = "Sign with a key of this domain, or have bounces come back to it" if answer == _FAILS else ""
    return (RecordCheck(what=what, answer=answer, why=why, do=do),)


def _worst(checks: Sequence[RecordCheck]) -> str:
    return min((each.answer for each in checks), key=(_FAILS, _CANNOT_TELL, _HOLDS).index)


def _dmarc_record(records: Records, domain: str) -> str:
    return next(
        (each for each in records.get(f"_dmarc.{domain}", ()) if each.lower().startswith("v=dmarc1")), ""
    )


def _tags(text: str) -> dict[str, str]:
    pairs = (each.partition("=") for each in text.split(";") if each.strip())
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
