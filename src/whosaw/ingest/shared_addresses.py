"""Whether the address of a log is that of its clients, or of an edge or a proxy that they come through.

Behind Cloudflare a web server sees Cloudflare's addresses, and behind a balancer the balancer's: then people who have nothing in common share
one, and nothing can be said of an address. An edge is known by its published networks. A proxy of one's own is known by nothing but that very few
addresses send nearly everything, under the names of very many programs, as one client that changes its name does, too.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import ClassVar, Final

import numpy as np
import pyarrow as pa

from whosaw.packs.edges import address_of, edge_of, load_edges

from .addresses import address_and_port
from .behind import without_behind

__all__ = ["SharedAddress", "SharedAddresses"]

_MOST_LOOKED_AT: Final = 200_000  # requests of a source
_LOOKED_UP: Final = 256  # addresses, those with most requests
_LEAST: Final = 20  # requests from an edge
_SHARE: Final = 0.5  # of the requests of a source, from one edge
_LEAST_OF_FEW: Final = 500  # requests, before few addresses say anything
_FEW: Final = 3
_NEARLY_ALL: Final = 0.97
_MANY_AGENTS: Final = 30
_MOST_AGENTS: Final = 10_000  # of an address, that are told apart
_SAID_BY: Final = 0.8  # of the requests whose field holds addresses, for it to be where the client stands
_FIELDS: Final = 2_000  # events in which such a field is looked for
_FORWARDED: Final = re.compile(r"forward|connecting|client.?ip|real.?ip|viewer|\Atail_\d+\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedAddress:
    """Of the requests of a source, the share that came from one edge, or from so few addresses under so many agents. `edge` is the id of an
    edge, empty for a proxy that nobody has published. `field` is where the client's own address seems to stand."""

    edge: str
    share: float
    addresses: int
    agents: int
    field: str

    def note(self, format_id: str | None) -> str:
        """What that means and what to do about it, in one line. `format_id` is that in which the lines are read, which may be one behind
        proxies already; None where it is not known."""
        edge = load_edges().get(self.edge)
        proxies = self.edge or "PROXY"
        if edge is not None:
            told = f"{self.share:.0%} of the requests come from addresses of {edge.title}'s edge, which everybody behind it shares: an address is nobody's there"
        else:
            few = "1 address sends" if self.addresses == 1 else f"{self.addresses:,} addresses send"
            told = (
                f"{few} {self.share:.0%} of the requests under {self.agents:,} user agents: that is a proxy, behind which everybody shares "
                "the address, or one client that changes its name"
            )
        if format_id is not None and without_behind(format_id) != format_id:
            return f"{told}. It is read behind proxies already: {format_id}"
        if self.field:
            where = "" if edge is not None else " (PROXY: its address or network)"
            return f"{told}. The client's own stands in {self.field}: read it with --format 'behind:{proxies}={self.field}:{format_id or 'FORMAT'}'{where}"
        header = edge.header if edge is not None else "X-Forwarded-For"
        variable = header.lower().replace("-", "_")
        return (
            f"{told}. Log {header}, too ($http_{variable} in nginx, %{{{header}}}i in Apache), and read it with --format "
            f"'behind:{proxies}=FIELD:FORMAT'"
        )


@dataclass(slots=True)
class SharedAddresses:
    """Takes in the events of a source, in any order."""

    ASKED: ClassVar = ("address", "agent", "fields")  # the columns that are looked at
    requests: int = 0
    of_address: Counter[str] = field(default_factory=Counter)
    agents: dict[str, set[str]] = field(default_factory=dict)
    fields: Counter[str] = field(default_factory=Counter)
    asked: int = 0

    def add(self, events: pa.Table) -> None:
        if self.requests >= _MOST_LOOKED_AT or "address" not in events.column_names or not events.num_rows:
            return
        addresses = events["address"].combine_chunks().cast(pa.string()).dictionary_encode()
        names = addresses.dictionary.to_pylist()
        codes = addresses.indices.fill_null(len(names)).to_numpy()
        counts = np.bincount(codes, minlength=len(names) + 1)[: len(names)]
        self.requests += int(counts.sum())
        self.of_address.update(dict(zip(names, counts.tolist(), strict=True)))
        self._agents(events, names, codes)
        if self.asked < _FIELDS and "fields" in events.column_names:
            self._look_for_fields(
                events["fields"].slice(0, _FIELDS - self.asked).cast(pa.string()).to_pylist()
            )

    def take(self, other: SharedAddresses) -> None:
        """Take in what another one took in of events that come next."""
        if self.requests >= _MOST_LOOKED_AT:
            return
        self.requests += other.requests
        self.of_address.update(other.of_address)
        for name, known in other.agents.items():
            mine = self.agents.setdefault(name, set())
            if len(mine) < _MOST_AGENTS:
                mine |= known
        if self.asked < _FIELDS:
            self.asked += other.asked
            self.fields.update(other.fields)

    def text(self) -> str:
        """What matters of it as text, with addresses: to be sealed."""
        agents = {name: sorted(known) for name, known in self.agents.items()}
        told = [
            self.requests,
            self.of_address.most_common(_LOOKED_UP),
            agents,
            list(self.fields.items()),
            self.asked,
        ]
        return json.dumps(told, separators=(",", ":"))

    @classmethod
    def of_text(cls, text: str) -> SharedAddresses:
        """What `text` told."""
        requests, of_address, agents, fields, asked = json.loads(text)
        return cls(
            requests=requests,
            of_address=Counter(dict(of_address)),
            agents={name: set(known) for name, known in agents.items()},
            fields=Counter(dict(fields)),
            asked=asked,
        )

    def _agents(
        self, events: pa.Table, names: list[str], codes: np.ndarray[tuple[int], np.dtype[np.int64]]
    ) -> None:
        """The agents of those who send most, where there may be few of them."""
        if "agent" not in events.column_names:
            return
        agent = events["agent"].combine_chunks().cast(pa.string()).dictionary_encode()
        texts = [*agent.dictionary.to_pylist(), ""]
        told = agent.indices.fill_null(len(texts) - 1).to_numpy()
        for name, _ in self.of_address.most_common(_FEW):
            known = self.agents.setdefault(name, set())
            if name in names and len(known) < _MOST_AGENTS:
                known.update(texts[code] for code in np.unique(told[codes == names.index(name)]).tolist())

    def _look_for_fields(self, texts: list[str | None]) -> None:
        self.asked += len(texts)
        for text in texts:
            values = json.loads(text) if text else {}
            self.fields.update(
                name for name, value in values.items() if _FORWARDED.search(name) and _is_client(value)
            )

    @property
    def found(self) -> SharedAddress | None:
        """None where the addresses may be those of clients."""
        top = self.of_address.most_common(_LOOKED_UP)
        if not top:
            return None
        known = sum(count for _, count in top)
        by_edge: Counter[str] = Counter()
        for name, count in top:
            if (edge := edge_of(name)) is not None:
                by_edge[edge.id] += count
        edge_id, many = max(by_edge.items(), key=lambda each: (each[1], each[0]), default=("", 0))
        client = max(self.fields.items(), key=lambda each: (each[1], each[0]), default=("", 0))
        said = client[0] if client[1] >= _SAID_BY * self.asked else ""
        if many >= max(_LEAST, _SHARE * known):
            addresses = sum((edge := edge_of(name)) is not None and edge.id == edge_id for name, _ in top)
            return SharedAddress(edge=edge_id, share=many / known, addresses=addresses, agents=0, field=said)
        few = top[:_FEW]
        many = sum(count for _, count in few)
        agents = len(set().union(*(self.agents.get(name, set()) for name, _ in few)))
        if self.requests >= _LEAST_OF_FEW and many >= _NEARLY_ALL * self.requests and agents >= _MANY_AGENTS:
            return SharedAddress(
                edge="", share=many / self.requests, addresses=len(few), agents=agents, field=said
            )
        return None

    def shared_by(self, found: SharedAddress) -> list[str]:
        """The addresses that `found` is about, those with most requests first."""
        if not found.edge:
            return [name for name, _ in self.of_address.most_common(found.addresses)]
        edges = [(name, edge_of(name)) for name, _ in self.of_address.most_common(_LOOKED_UP)]
        return [name for name, edge in edges if edge is not None]


def _is_client(value: object) -> bool:
    """Whether a field holds an address, or several that stand one behind the other."""
    hops = [address_and_port(each.strip()) for each in str(value).split(",")] if value else []
    return bool(hops) and all(address_of(each) is not None for each in hops)
