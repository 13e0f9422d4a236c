"""A form at the path of a page is proposed as one where those send it who have the page open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from whosaw.mapping.check import MapChecker, RouteCheck
from whosaw.mapping.data_map import DataMap
from whosaw.store.sql import Session

AsMap = Callable[[str], DataMap]
AsEvents = Callable[..., pa.Table]
MAP = """
[[route]]
id = "info"
match = { method = "GET", path = "/customers/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]
"""


def ask(method: str, customer: int, address: int) -> dict[str, Any]:
    return {"method": method, "path": f"/customers/{customer}", "address": f"192.0.2.{address}"}


def checked(as_map: AsMap, session: Session, *tables: pa.Table) -> RouteCheck:
    checker = MapChecker(as_map(MAP))
    for table in tables:
        checker.add(table, session)
    return checker.result().routes[0]


def test_forms_of_people_who_have_the_page_open(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    pages = as_events(*(ask("GET", number, number) for number in range(10)))
    forms = as_events(*(ask("POST", number % 10, number % 10) for number in range(40)))
    (other,) = checked(as_map, session, forms, pages).other_methods
    assert (other.method, other.requests, other.own, other.clients, other.usual) == ("POST", 40, 40, 10, True)


def test_who_sends_forms_for_others_makes_them_unusual(
    as_map: AsMap, as_events: AsEvents, session: Session
) -> None:
    pages = as_events(*(ask("GET", number, number) for number in range(10)))
    walk = as_events(*(ask("POST", number, 200) for number in range(40)))
    (other,) = checked(as_map, session, pages, walk).other_methods
    assert (other.requests, other.own, other.clients, other.usual) == (40, 0, 0, False)


def test_few_forms_or_clients_are_not_proposed(as_map: AsMap, as_events: AsEvents, session: Session) -> None:
    pages = as_events(*(ask("GET", number, number) for number in range(4)))
    forms = as_events(*(ask("POST", number % 4, number % 4) for number in range(100)))
    (other,) = checked(as_map, session, pages, forms).other_methods
    assert (other.own, other.clients, other.usual) == (100, 4, False)
