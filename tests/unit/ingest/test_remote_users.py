"""Names that a web server wrote down without a sign that it asked for a proof."""

from __future__ import annotations

import pyarrow as pa
import pytest

from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.format_choice import choose_format
from whosaw.ingest.format_item import load_formats, shipped_formats
from whosaw.ingest.lines import count_lines
from whosaw.ingest.parser import Piece
from whosaw.ingest.remote_users import RemoteUsers, Unproven, logs_remote_user

FORMATS = load_formats([shipped_formats()])


def line(name: str, path: str = "/my/info", status: int = 200, address: int = 1) -> str:
    return (
        f'192.0.2.{address} - {name} [14/Apr/2025:00:00:00 +0000] "GET {path} HTTP/1.1" {status} 5 "-" "a"\n'
    )


def unproven(*chunks: str) -> Unproven | None:
    users, parser = RemoteUsers(), build_parser(FORMATS["combined"], None, None)
    for data in chunks:
        users.add(parser.parse(Piece(data=data.encode(), lines=count_lines(data.encode()))).events)
    return users.unproven


def test_names_on_pages_that_never_refused_anybody() -> None:
    named = "".join(line(f"u{number % 4}", address=number % 2) for number in range(24))
    found = unproven(line("-") * 24, named)
    assert found == Unproven(requests=24, names=4, clients=2)  # each address has two of the four


def test_one_refusal_at_such_a_page_is_a_sign_of_a_proof() -> None:
    named = line("ann") * 30 + line("-") * 30
    for refused in (line("-", status=401), line("ann", "/my", status=401)):
        assert unproven(refused, named) is None
        assert unproven(named, refused) is None
    assert unproven(line("-", "/api/x", status=401), named) == Unproven(requests=30, names=1, clients=0)


def test_few_names_and_requests_that_failed_say_nothing() -> None:
    assert unproven(line("ann") * 19 + line("-") * 40) is None
    assert (
        unproven(line("ann") * 30 + line("-", "/other") * 40) is None
    )  # nobody was answered there without a name
    assert unproven(line("ann", status=302) * 30, line("-") * 30) is None


def test_who_has_a_session_or_a_token_was_let_in_by_what_issued_it() -> None:
    users = RemoteUsers()
    known = {"path": ["/my/info"] * 60, "status": [200] * 60, "principal": ["ann", None] * 30}
    for column in ("session", "token", "key"):
        users.add(pa.table({**known, column: ["x"] * 60}))
    assert users.unproven is None
    users.add(pa.table({**known, "session": pa.nulls(60, pa.string())}))
    assert users.unproven == Unproven(requests=30, names=1, clients=0)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("combined", True),
        ("nginx-main", True),
        ("vhost-combined", True),
        ("lighttpd", True),
        ("syslog:combined", True),
        ('nginx:$remote_addr [$time_iso8601] "$request" $status $remote_user', True),
        ('nginx:$remote_addr [$time_iso8601] "$request" $status', False),
        ('apache:%h %u [%t] "%r" %>s', True),
        ('apache:%h [%t] "%r" %>s', False),
        ("caddy", False),
        ("sshd", False),
        ("w3c", False),
    ],
)
def test_formats_whose_name_is_that_of_the_request(name: str, told: bool) -> None:
    assert logs_remote_user(choose_format(name, FORMATS)) is told


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_shipped_format_can_be_asked(name: str) -> None:
    told = logs_remote_user(FORMATS[name])
    assert told == (
        FORMATS[name].kind == "template" and " {principal} [" in str(FORMATS[name].table["template"])
    )
