"""Whoever asked a proxy, where the address of a line is the proxy's: taken from a field in which the proxy tells it, on the word of proxies alone.

A client can send any header. So a field such as X-Forwarded-For says something only where the connection came from a proxy that somebody
declared. Each proxy adds the address that it saw at the end; read from there, the first address that is no declared proxy's is that of the
client, and whatever stands before it is the client's own word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import ip_network
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core.errors import WhosawError
from whosaw.packs.edges import Network, address_of, load_edges, within
from whosaw.packs.suggestion import did_you_mean

from .addresses import address_and_port
from .parser import ChunkText, Parsed, Parser
from .text_columns import as_dictionary

__all__ = ["PREFIX", "Behind", "BehindProxies", "parted", "read_behind", "without_behind"]

PREFIX: Final = "behind"
_PROXY = r"(?:\[[0-9A-Fa-f:.]+\](?:/\d{1,3})?|[^,:=\[\]\s]+)"
_TEXT: Final = re.compile(rf"(?P<proxies>{_PROXY}(?:,{_PROXY})*)=(?P<field>[^,:=\s]+)")
_HEAD: Final = re.compile(rf"{PREFIX}:(?P<told>{_TEXT.pattern}):(?P<format>.+)", re.DOTALL)
_HINT: Final = "Write it like behind:cloudflare=http_cf_connecting_ip:FORMAT, or behind:10.0.0.0/8,[2001:db8::]/32=x_forwarded_for:FORMAT"
_OWN: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128")
_PARTS: Final = "\x1f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """The proxies whose word counts, as they were named, their networks, and the field in which they tell who asked them."""

    proxies: tuple[str, ...]
    networks: tuple[Network, ...]
    field: str

    def __str__(self) -> str:
        return f"{','.join(self.proxies)}={self.field}"

    @property
    def told(self) -> str:
        """What the address of a line is, for whoever reads the format."""
        return (
            f"where the connection is one of {', '.join(self.proxies)}, the address is the last in {self.field} that is none of these, "
            "and nobody's where there is none; any other connection keeps its own address, for a header from it is its own word"
        )

    def client(self, connection: str, told: str) -> str | None:
        """Who asked, of a connection and what the field tells. None where a declared proxy does not say it."""
        if not within(connection, self.networks):
            return connection or None
        hops = [address_and_port(each.strip()) for each in told.split(",")]
        for hop in reversed(hops):
            if address_of(hop) is None:  # what a proxy wrote is an address; further in it is worth nothing
                return None
            if not within(hop, self.networks):
                return hop
        return hops[0]


def read_behind(text: str) -> Behind:
    """Proxies and field of `cloudflare,10.0.0.0/8=x_forwarded_for`; `private` names all networks of RFC 1918 and 4193, and this machine. Raises
    `WhosawError` where it is no such text."""
    found = _TEXT.fullmatch(text)
    if found is None:
        raise WhosawError(
            "format.behind", f"{text!r} does not say behind which proxies, and in which field", hint=_HINT
        )
    names = re.findall(_PROXY, found["proxies"])
    networks = tuple(network for name in names for network in _networks(name))
    return Behind(proxies=tuple(names), networks=networks, field=found["field"])


def parted(text: str) -> tuple[str, str] | None:
    """What stands before and behind of `behind:PROXIES=FIELD:FORMAT`; None where that is not its form."""
    found = _HEAD.fullmatch(text)
    return (found["told"], found["format"]) if found else None


def without_behind(format_id: str) -> str:
    """The id of the format that is read behind proxies; another as it is."""
    found = parted(format_id)
    return format_id if found is None else found[1]


def _networks(name: str) -> Sequence[Network]:
    if (edge := load_edges().get(name)) is not None:
        return edge.networks
    if name == "private":
        return [ip_network(each) for each in _OWN]
    try:
        return [ip_network(re.sub(r"[\[\]]", "", name), strict=False)]
    except ValueError:
        known = ["private", *load_edges()]
        raise WhosawError(
            "format.behind",
            f"{name!r} is no address, no network and no edge",
            hint=did_you_mean(name, known) or f"Edges: {', '.join(known)}. {_HINT}",
        ) from None


class BehindProxies:
    """A parser whose events have the address of whoever asked the proxy."""

    def __init__(self, inner: Parser, behind: Behind, id_: str) -> None:
        self._inner, self._behind, self._id = inner, behind, id_
        name = re.escape(json.dumps(behind.field, ensure_ascii=False))
        self._told = rf'{name}:"(?P<told>(?:[^"\\]|\\.)*)"'
        self._client = lru_cache(maxsize=1 << 16)(behind.client)

    @property
    def id(self) -> str:
        return self._id

    @property
    def stateful(self) -> bool:
        """As the format inside."""
        return self._inner.stateful

    @property
    def documents(self) -> tuple[str, ...]:
        """As the format inside."""
        return self._inner.documents

    def parse(self, chunk: ChunkText, state: str | None = None) -> Parsed:
        """As the format inside, with other addresses."""
        parsed = self._inner.parse(chunk, state)
        events = parsed.events
        if "address" not in events.column_names or not events.num_rows:
            return parsed
        connection = _texts(events["address"])
        told = pa.nulls(events.num_rows, pa.string())
        if "fields" in events.column_names:
            told = pc.struct_field(pc.extract_regex(_texts(events["fields"]), self._told), "told")
        pairs = pc.binary_join_element_wise(
            pc.fill_null(connection, ""), pc.fill_null(told, ""), _PARTS
        ).dictionary_encode()
        clients = [self._client(*each.split(_PARTS, 1)) for each in pairs.dictionary.to_pylist()]
        addresses = as_dictionary(pa.array(clients, pa.string()).take(pairs.indices))
        at = events.column_names.index("address")
        return replace(parsed, events=events.set_column(at, "address", addresses))


def _texts(column: pa.ChunkedArray) -> pa.Array:
    return column.cast(pa.string()).combine_chunks()
