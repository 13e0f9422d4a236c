"""Edges: networks of whoever stands before other people's servers, such as Cloudflare. Everybody who comes through one has an address of it.

Each is an item in `data/edges`: its published networks, the header in which it tells who asked it, and cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from whosaw.core.errors import Fault, FaultsError

from .items import item_files, shipped
from .table import Table

__all__ = ["Edge", "EdgeCase", "Network", "address_of", "edge_case_fault", "edge_of", "load_edges", "within"]

_CODE: Final = "edges.invalid"
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeCase:
    """An address, and whether it is the edge's."""

    address: str
    inside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """`header` is that in which it tells the address of whoever asked it."""

    id: str
    title: str
    header: str
    networks: tuple[Network, ...] = field(repr=False)
    cases: tuple[EdgeCase, ...] = field(default=(), repr=False)


@cache
def load_edges() -> Mapping[str, Edge]:
    """The shipped items by id. Raises `FaultsError` with every fault."""
    faults: list[Fault] = []
    found = [
        _edge(Table.of_item(each, faults, code=_CODE)) for each in item_files([shipped("edges")], faults)
    ]
    if faults:
        raise FaultsError(_CODE, faults)
    return {each.id: each for each in found}


@lru_cache(maxsize=1 << 12)
def edge_of(text: str) -> Edge | None:
    """Whose edge an address is; None of any other, and of what is no address."""
    return next((each for each in load_edges().values() if within(text, each.networks)), None)


def edge_case_fault(edge: Edge, case: EdgeCase) -> str | None:
    """Why a case does not come out as it says; None where it does."""
    inside = within(case.address, edge.networks)
    return None if inside == case.inside else f"{case.address} is {'' if inside else 'not '}in its networks"


def within(text: str, networks: Sequence[Network]) -> bool:
    """Whether a text is an address in one of these networks."""
    address = address_of(text)
    return address is not None and any(
        address in each for each in networks if each.version == address.version
    )


@lru_cache(maxsize=1 << 16)
def address_of(text: str) -> Address | None:
    """An IPv4 address inside IPv6 is that IPv4 address. None for what is no address."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _edge(table: Table) -> Edge:
    networks: list[Network] = []
    for at, text in enumerate(table.texts("networks", some=True)):
        try:
            networks.append(ip_network(text))
        except ValueError as wrong:
            table.fault(f"{text!r} is no network: {wrong}", "networks", at)
    table.text("source")
    cases = []
    for case in table.tables("case", required=True):
        cases.append(EdgeCase(address=case.text("address"), inside=case.flag("inside")))
        case.rest_unknown()
        if address_of(cases[-1].address) is None:
            case.fault("is no address", "address")
    made = Edge(
        id=table.name, title=table.text("title"), header=table.text("header"), networks=tuple(networks), cases=tuple(cases)
    )  # fmt: skip
    table.rest_unknown()
    return made
