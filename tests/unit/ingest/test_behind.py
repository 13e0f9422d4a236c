"""The address of whoever asked a proxy: on the word of declared proxies alone. And logs whose addresses many people share."""

from __future__ import annotations

import pyarrow as pa
import pytest

from whosaw.core.errors import FaultsError, WhosawError
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.format_choice import choose_format
from whosaw.ingest.format_item import load_formats, read_format, shipped_formats
from whosaw.ingest.lines import count_lines
from whosaw.ingest.parser import Piece
from whosaw.ingest.shared_addresses import SharedAddresses
from whosaw.packs.edges import edge_case_fault, edge_of, load_edges
from whosaw.packs.toml_file import parse_toml

FORMATS = load_formats([shipped_formats()])
EDGE, OWN, PERSON, OTHER = "172.68.10.9", "10.0.0.5", "203.0.113.7", "198.51.100.9"


def line(address: str, forwarded: str, agent: str = "a", tail: str = "") -> str:
    return f'{address} - - [14/Apr/2025:00:00:00 +0000] "GET /my/info HTTP/1.1" 200 5 "-" "{agent}" "{forwarded}"{tail}\n'


def events(format_id: str, text: str) -> pa.Table:
    data = text.encode()
    return (
        build_parser(choose_format(format_id, FORMATS), None, None)
        .parse(Piece(data=data, lines=count_lines(data)))
        .events
    )


@pytest.mark.parametrize(
    ("connection", "forwarded", "client"),
    [
        (EDGE, PERSON, PERSON),
        (EDGE, f"{OTHER}, {PERSON}", PERSON),  # what stands before it is the client's own word
        (EDGE, f"{PERSON}, {OWN}", PERSON),  # two declared proxies, one behind the other
        (EDGE, f"{OTHER},{PERSON}, {EDGE},{OWN}", PERSON),
        (OWN, f"{PERSON}:4711", PERSON),
        (EDGE, "[2001:db8::1]:443", "2001:db8::1"),
        (EDGE, "-", None),  # a proxy that does not say who: nobody, and not the proxy
        (EDGE, f"unknown, {OWN}", None),
        (EDGE, f"{PERSON}, unknown", None),
        (OWN, OWN, OWN),  # the proxy's own request
        (OTHER, PERSON, OTHER),  # no declared proxy: a header from it is its own word
        ("203.0.113.250", f"{PERSON}, {EDGE}", "203.0.113.250"),
        ("::ffff:172.68.10.9", PERSON, PERSON),
    ],
)
def test_the_client_is_the_last_that_is_no_declared_proxy(
    connection: str, forwarded: str, client: str | None
) -> None:
    found = events("behind:cloudflare,10.0.0.0/8=x_forwarded_for:nginx-main", line(connection, forwarded))
    assert found["address"].to_pylist() == [client]


def test_in_every_kind_of_format_and_in_any_field() -> None:
    own = '$remote_addr [$time_local] "$request" $status "$http_cf_connecting_ip"'
    written = f'{EDGE} [14/Apr/2025:00:00:00 +0000] "GET / HTTP/1.1" 200 "{PERSON}"\n'
    told = f'{{"time":"2025-04-14T00:00:00Z","ip":"{EDGE}","path":"/","status":200,"cf":"{PERSON}"}}\n'
    for format_id, text in (
        ("behind:cloudflare=tail_2:combined-tail", line(EDGE, "x", tail=f" {PERSON}")),
        (f"behind:cloudflare=http_cf_connecting_ip:nginx:{own}", written),
        ("behind:[2001:db8::]/32,172.68.10.9=cf:json:time=time,address=ip,path=path,status=status,field.cf=cf", told),
        ("behind:cloudflare=x_forwarded_for:syslog:nginx-main", f"<134>1 2025-04-14T00:00:00Z web nginx - - - {line(EDGE, PERSON)}"),
    ):  # fmt: skip
        item = choose_format(format_id, FORMATS)
        assert item.id == format_id
        assert "the address is the last in" in item.table["assumes"]
        assert events(format_id, text)["address"].to_pylist() == [PERSON], format_id
    assert events("nginx-main", line(EDGE, PERSON))["address"].to_pylist() == [EDGE]


def test_an_item_can_say_so_and_what_is_wrong_is_said() -> None:
    text = (
        'id = "mine"\ntitle = "Mine"\nkind = "template"\nsource = "nginx.conf"\nchecked = 2025-11-24\nbehind = "%s"\n'
        'template = \'{address} [{time:clf}] "{request}" {status} "{field:xff}"\'\n[[case]]\n'
        f'line = \'{EDGE} [14/Apr/2025:00:00:00 +0000] "GET / HTTP/1.1" 200 "{PERSON}"\'\n'
        f'expect = {{ address = "{PERSON}" }}\n'
    )
    item = read_format(parse_toml(text % "cloudflare=xff", name="mine.toml"))
    data = item.cases[0].text.encode()
    assert build_parser(item, None, None).parse(Piece(data=data, lines=1)).events["address"].to_pylist() == [
        PERSON
    ]
    with pytest.raises(FaultsError, match="is no address, no network and no edge"):
        read_format(parse_toml(text % "cloudflar=xff", name="mine.toml"))
    for wrong, why in (
        ("behind:nginx-main", "does not say behind which proxies"),
        ("behind:cloudflare=xff", "names no format"),
        ("behind:cloudflare=xff:no-such", "there is no format"),
        ("behind:300.1.1.1=xff:nginx-main", "no address"),
        ("behind:cloudflare=a:behind:fastly=b:nginx-main", "says itself"),
    ):
        with pytest.raises(WhosawError, match=why):
            choose_format(wrong, FORMATS)


def shared(*texts: str, format_id: str = "nginx-main") -> SharedAddresses:
    seen = SharedAddresses()
    for text in texts:
        seen.add(events(format_id, text))
    return seen


def test_an_edge_is_known_by_its_networks_and_a_proxy_by_few_addresses_under_many_agents() -> None:
    at_home = [line(f"203.0.113.{n % 200}", "-", f"agent {n % 7}") for n in range(600)]
    assert shared("".join(at_home)).found is None
    edge = [line(f"172.68.10.{n % 9}", f"203.0.113.{n % 200}") for n in range(60)]
    seen = shared("".join(edge[:30]), "".join(edge[30:]))
    assert (found := seen.found) is not None
    assert (found.edge, found.share, found.addresses, found.field) == (
        "cloudflare",
        1.0,
        9,
        "x_forwarded_for",
    )
    assert "Cloudflare's edge" in found.note("nginx-main")
    assert "'behind:cloudflare=x_forwarded_for:nginx-main'" in found.note("nginx-main")
    assert len(seen.shared_by(found)) == 9
    silent = shared("".join(line(f"172.68.10.{n % 9}", "-") for n in range(60))).found
    assert silent is not None
    assert (
        "Log CF-Connecting-IP, too ($http_cf_connecting_ip in nginx, %{CF-Connecting-IP}i in Apache)"
        in silent.note(None)
    )
    assert shared("".join(at_home + edge)).found is None  # some come through an edge, most do not
    behind = [line(f"10.0.0.{n % 2}", f"203.0.113.{n % 200}", f"agent {n % 90}") for n in range(600)]
    seen = shared("".join(behind))
    assert (found := seen.found) is not None
    assert (found.edge, found.addresses, found.agents, found.field) == ("", 2, 90, "x_forwarded_for")
    assert seen.shared_by(found) == ["10.0.0.0", "10.0.0.1"]
    assert "2 addresses send 100% of the requests under 90 user agents" in found.note("nginx-main")
    one_program = [line("10.0.0.1", "-", "job/1") for _ in range(600)]
    assert shared("".join(one_program)).found is None
    read = "behind:10.0.0.0/8=x_forwarded_for:nginx-main"
    assert shared("".join(behind), format_id=read).found is None


def test_edges_hold_their_cases_and_no_address_is_of_two() -> None:
    for edge in load_edges().values():
        assert {case.inside for case in edge.cases} == {True, False}
        for case in edge.cases:
            assert edge_case_fault(edge, case) is None
            others = [each.id for each in load_edges().values() if each is not edge]
            found = edge_of(case.address)
            assert not (case.inside and found is not None and found.id in others)
    assert edge_of("no address") is None
