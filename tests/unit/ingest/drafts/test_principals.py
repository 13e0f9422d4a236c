"""Who did it, found in layouts that nobody described; and nobody where a layout names none. Written before the rules that find them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.drafts.guess import LEAST
from whosaw.ingest.drafts.propose import propose
from whosaw.ingest.format_cases import case_faults
from whosaw.ingest.format_item import read_format
from whosaw.ingest.parser import Piece
from whosaw.packs.toml_file import parse_toml

DAY = date(2025, 11, 25)
Line = Callable[[random.Random, int, str], str | dict[str, object]]


def at(number: int) -> str:
    return f"{datetime(2025, 3, 3, 9, tzinfo=UTC) + timedelta(seconds=37 * number):%Y-%m-%dT%H:%M:%SZ}"


def hypervisor(rng: random.Random, who: int, time: str) -> str:
    user = ["root@pam", "kim@pve", "sato@pam", "otieno@pve"][who]
    return f"{time} node{rng.randrange(2)} daemon {rng.choice([3663339, 3483744, 2197])} auth failure; rhost=192.0.2.{who + 9} user={user} msg=denied"


def database(rng: random.Random, who: int, time: str) -> dict[str, object]:
    return {
        "t": time,
        "s": "I",
        "id": 20249,
        "ctx": f"conn{rng.randrange(9)}",
        "msg": "Authentication failed",
        "attr": {
            "principalName": "reports",
            "remote": f"192.0.2.{rng.randrange(9) + 1}:{rng.randrange(9999)}",
        },
    }


def one_person(rng: random.Random, who: int, time: str) -> dict[str, object]:
    web = f"webs_F4lSAvvEJWNjOophTGRaZqsW45Q{who}iZWAl6aEd"
    return {
        "recorded": time,
        "actors": [{"type": "user", "name": "ann_kim"}],
        "resources": [
            {
                "ipaddress": f"192.0.2.{who + 1}",
                "websession": web,
                "devicemodel": f"Phone {rng.randrange(3)}S",
            }
        ],
        "result": "SUCCESS",
    }


def cloud(rng: random.Random, who: int, time: str) -> dict[str, object]:
    user = ["user/ann", "assumed-role/support/ben", "user/cho"][who % 3]
    return {
        "eventTime": time,
        "sourceIPAddress": f"192.0.2.{who % 3 + 1}",
        "userAgent": rng.choice(["console.ec2.amazonaws.com", "s3.amazonaws.com"]),
        "userIdentity": {
            "arn": f"arn:aws:iam::111122223333:{user}",
            "principalId": f"AIDAEXAMPLE{who % 3}0000000000",
        },
        "eventName": rng.choice(["ListBuckets", "GetObject"]),
        "requestID": f"{rng.getrandbits(64):016x}",
    }


def gateway(rng: random.Random, who: int, time: str) -> str:
    user = ["N/A", "N/A", "kim", "sato"][who] if rng.random() < 0.5 else f"guest{who}"
    return f'date={time} logid=0101039426 vd=root action=ssl-login-fail remip=192.0.2.{rng.randrange(30)} user="{user}" group="N/A" reason=sslvpn_login_unknown_user'


def ward(rng: random.Random, who: int, time: str) -> str:
    return f"{time};{[100234, 100871, 100399, 100016][who]};192.0.2.{who + 40};OPEN_CHART;P{rng.randrange(900) + 100}"


def office(rng: random.Random, who: int, time: str) -> str:
    user = ["mueller.a", "schmidt.b", "weber.c", "koch.d"][who]
    return f"zeit={time} rechner=pc-0{rng.randrange(90) + 10}.example.org benutzer={user} ip=192.0.2.{who + 7} aktion=open akte=A{rng.randrange(500)}"


def korean(rng: random.Random, who: int, time: str) -> str:
    return f"{time}|{['김민아', '박준서', '이소라', '최하늘'][who]}|192.0.2.{who + 5}|VIEW|{rng.randrange(90_000) + 10_000}"


def firewall(rng: random.Random, who: int, time: str) -> str:
    mac = ":".join(f"{(who * 37 + step * 11) % 256:02x}" for step in range(14))
    return f"{time} kernel: DROP IN=eth0 MAC={mac} SRC=192.0.2.{rng.randrange(200)} DST=198.51.100.1 LEN={rng.choice([32, 40, 60])} TTL={rng.choice([64, 128, 255])} PROTO=TCP SPT={rng.randrange(60000)}"


def sensors(rng: random.Random, who: int, time: str) -> dict[str, object]:
    return {
        "ts": time,
        "device": f"th-{who:03d}",
        "pid": str(2100 + who),
        "zone": f"hall{who}",
        "temp": f"{20 + rng.random():.1f}",
        "ip": f"192.0.2.{who + 3}",
    }


def proxy(rng: random.Random, who: int, time: str) -> dict[str, object]:
    return {
        "time": time,
        "addr": f"192.0.2.{rng.randrange(60)}",
        "Duration": rng.choice([215563, 10855, 204708]),
        "upstream": f"web-{who}.example.com",
        "thread": f"worker-{who}",
        "request": "GET /a HTTP/1.1",
        "code": 200,
    }


def appliance(rng: random.Random, who: int, time: str) -> str:
    """Traffic that nobody did, and now and then an administrator."""
    if rng.random() < 0.8:
        return f'date={time} type="traffic" srcip=192.0.2.{rng.randrange(99)} dstip=198.51.100.7 sessionid={rng.randrange(90_000) + 10_000} service="HTTP" action="close"'
    return f'date={time} type="event" srcip=192.0.2.{who + 100} dstip=198.51.100.7 user="{["ann", "ben", "cho", "N/A"][who]}" action="login" status="success"'


def kernel(rng: random.Random, who: int, time: str) -> str:
    """System calls: their arguments are numbered through, and name nobody."""
    told = " ".join(f"a{n}={rng.choice([0, 3, 0x41A15C, 0x7FFFD19C5592 + who]):x}" for n in range(4))
    return f'time={time} type=SYSCALL arch=c000003e syscall=2 success=yes {told} items=0 subj=system_u:system_r:init_t:s{who} comm="cat" exe="/bin/cat"'


SAMPLES: dict[str, tuple[Line, str, str | None]] = {
    "hypervisor": (hypervisor, "", "user"),
    "database": (database, "", "attr.principalName"),
    "one person": (one_person, "", "actors[0].name"),
    "cloud": (cloud, "", "userIdentity.arn"),
    "gateway": (gateway, "", "user"),
    "ward": (ward, "Time;StaffNo;Terminal;What;Chart", "StaffNo"),
    "office": (office, "", "benutzer"),
    "korean": (korean, "일시|작업자|IP|작업|회원번호", "작업자"),
    "firewall": (firewall, "", None),
    "sensors": (sensors, "", None),
    "proxy": (proxy, "", None),
    "appliance": (appliance, "", "user"),
    "kernel": (kernel, "", None),
}  # fmt: skip


def lines(line: Line, head: str) -> Iterator[str]:
    rng = random.Random("principals")
    if head:
        yield head
    for number in range(60):
        made = line(rng, rng.randrange(4), at(number))
        yield made if isinstance(made, str) else json.dumps(made)


@pytest.mark.parametrize("name", SAMPLES)
def test_who_did_it_is_found_and_nobody_where_nobody_is_named(name: str) -> None:
    line, head, wanted = SAMPLES[name]
    data = "".join(f"{each}\n" for each in lines(line, head)).encode()
    draft = propose([data], day=DAY, id_="own")
    assert draft is not None
    found = [each for each in draft.columns if each.column == "principal"]
    assert [each.source for each in found] == ([wanted] if wanted else [])
    assert all(each.confidence >= LEAST for each in found)


def batch(rng: random.Random, who: int, time: str) -> dict[str, object]:
    """Several requests, each with its time, sent together."""
    events = [
        {"at": f"{time[:-1]}.{n}Z", "login": ["ann.k", "ben.s", "cho.l", "dee.o"][(who + n) % 4], "ip": f"192.0.2.{(who + n) % 4 + 1}",
         "verb": "GET", "url": f"/members/{rng.randrange(9_000)}", "code": 200}
        for n in range(rng.randrange(4) + 1)
    ]  # fmt: skip
    return {"host": "app1", "sent": time, "batch": {"events": events}}


def shown(rng: random.Random, who: int, time: str) -> dict[str, object]:
    """A search and whom it showed; labels of the machine beside them."""
    hits = [{"member": f"M-{rng.randrange(90_000) + 10_000}", "rank": n} for n in range(rng.randrange(6) + 1)]
    labels = [{"k": "env", "v": "live"}, {"k": "zone", "v": "a"}]
    return {
        "ts": time,
        "user": f"{'abcd'[who]}.kim",
        "ip": f"192.0.2.{who + 1}",
        "op": "search",
        "hits": hits,
        "labels": labels,
    }


def opened(rng: random.Random, who: int, time: str) -> dict[str, object]:
    """One act on one account: its lists are properties of it, and hold no events."""
    return {
        "ts": time, "user": f"{'abcd'[who]}.kim", "ip": f"192.0.2.{who + 1}", "op": "open", "account": f"A-{rng.randrange(90_000) + 10_000}",
        "roles": ["desk", "audit"], "headers": [{"name": "host", "value": "a"}, {"name": "id", "value": f"h{rng.randrange(9_000)}"}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "path", "wanted"),
    [
        (
            batch,
            "batch.events[]",
            {"time": "batch.events.at", "principal": "batch.events.login", "path": "{batch.events.url|path}"},
        ),
        (shown, "hits[]", {"time": "ts", "principal": "user", "object": "hits.member"}),
        (opened, "", {"time": "ts", "principal": "user", "object": "account"}),
    ],
)
def test_a_list_that_holds_the_events_is_found_and_a_list_of_properties_is_none(
    line: Line, path: str, wanted: dict[str, str]
) -> None:
    data = "".join(f"{each}\n" for each in lines(line, "")).encode()
    draft = propose([data], day=DAY, id_="own")
    assert draft is not None
    found = {each.column: each.source for each in draft.columns}
    assert {name: found.get(name) for name in wanted} == wanted
    item = read_format(parse_toml(draft.text, name="own.toml"))
    assert list(item.table.get("records", [])) == ([path] if path else [])
    assert case_faults(item) == []
    events = build_parser(item, None, None).parse(Piece(data=data, lines=60)).events
    held = [json.loads(each) for each in lines(line, "")]
    counts = {
        "hits[]": lambda one: len(one["hits"]),
        "batch.events[]": lambda one: len(one["batch"]["events"]),
    }
    assert events.num_rows == sum(counts.get(path, lambda _: 1)(one) for one in held)
