"""A partner is met by what the log shows of him: his name, a key in the query, his address or his network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.chain.shop_log import MAP, NOW
from tests.wide import some

from whosaw.app.scan import scan
from whosaw.core.errors import FaultsError
from whosaw.core.finding import Finding

BY_QUERY = '[caller]\nfrom = "query"\nname = "api_key"\n\n' + MAP
LINE = '{address} - {user} [{day:02}/Apr/2025:10:{minute:02}:00 +0000] "GET /customers/{n}/addresses{query} HTTP/1.1" 200 7 "-" "agent"\n'


def line(n: int, *, day: int = 20, address: str = "192.0.2.7", user: str = "-", query: str = "") -> str:
    return LINE.format(n=n, day=day, minute=n, address=address, user=user, query=query)


def found(tmp_path: Path, root: Path, text: str, services: str, data_map: str = MAP) -> list[Finding]:
    (tmp_path / "context").mkdir()
    (tmp_path / "context/services.csv").write_text(services)
    (tmp_path / "map.toml").write_text(data_map)
    (tmp_path / "access.log").write_text(text)
    report = scan(
        [str(tmp_path / "access.log")],
        root,
        now=NOW,
        map_path=tmp_path / "map.toml",
        context=tmp_path / "context",
    )
    return [each for each in report.findings if each.detector == "contract-ended"]


@pytest.mark.parametrize(
    ("services", "calls", "data_map"),
    [
        ("service,until\nparcels,2025-04-15\n", {"user": "parcels"}, MAP),
        ("address,until\n192.0.2.7,2025-04-15\n", {}, MAP),
        ("network,until\n192.0.2.0/24,2025-04-15\n", {}, MAP),
        ("service,until\nk-parcels,2025-04-15\n", {"query": "?size=5&api_key=k-parcels"}, BY_QUERY),
    ],
    ids=["name", "address", "network", "query"],
)
@pytest.mark.parametrize("persons", some([4, 1], of=2))
def test_a_contract_that_ended_is_found_at_the_first_request(
    tmp_path: Path,
    new_root: Callable[[str], Path],
    services: str,
    calls: dict[str, Any],
    data_map: str,
    persons: int,
) -> None:
    in_force = [line(n, day=14, **calls) for n in range(20)]
    others = [line(30 + n, address="198.51.100.9") for n in range(3)]
    after = [line(40 + n, **calls) for n in range(persons)]
    (finding,) = found(tmp_path, new_root("w"), "".join([*in_force, *others, *after]), services, data_map)
    counts = {each.unit: each.lower for each in finding.counts}
    assert counts["views"] == persons


def test_a_key_in_the_query_is_nobodys_where_the_log_names_somebody(
    tmp_path: Path, new_root: Callable[[str], Path]
) -> None:
    text = line(1, user="anna", query="?api_key=k-parcels")
    assert found(tmp_path, new_root("w"), text, "service,until\nk-parcels,2025-04-15\n", BY_QUERY) == []


def test_a_key_in_the_query_is_kept_as_the_identifier_it_is(
    tmp_path: Path, new_root: Callable[[str], Path]
) -> None:
    root = new_root("w")
    found(tmp_path, root, line(1, query="?api_key=k-parcels"), "service\nk-parcels\n", BY_QUERY)
    assert all(b"k-parcels" not in path.read_bytes() for path in root.rglob("*") if path.is_file())


def test_a_network_that_logs_do_not_tell_apart_is_a_fault(
    tmp_path: Path, new_root: Callable[[str], Path]
) -> None:
    with pytest.raises(FaultsError, match="network is not understood"):
        found(tmp_path, new_root("w"), line(1), "network\n192.0.2.0/20\n")
