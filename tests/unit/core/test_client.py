"""The schema of a client: in which order its columns stand, and what refuses to leave one out."""

from __future__ import annotations

import pytest

from whosaw.core import client


def test_columns_stand_in_the_order_of_ledgers_that_are_there() -> None:
    assert client.COLUMNS == ("address", "principal", "session", "token", "network", "agent", "key", "tls")


def test_what_tells_clients_apart_stands_in_the_order_of_the_ids_of_findings() -> None:
    assert client.SENT == ("address", "agent", "principal", "session", "token", "key", "tls")
    assert (*client.SENT, "network") == client.NAMES


def test_codes_of_identifiers_are_for_life() -> None:
    codes = {each.name: each.code for each in client.TRAITS if each.code is not None}
    assert codes == {"address": 1, "principal": 2, "session": 3, "token": 4, "network": 5}


def test_what_singles_somebody_out_is_never_written_down() -> None:
    assert client.with_(lambda each: each.singles_out) == ("address", "principal", "session", "token")
    assert client.VAULTED == ("address", "principal")


def test_a_column_left_out_is_an_error_that_names_it_and_who_left_it_out() -> None:
    but_tls = [each for each in client.NAMES if each != "tls"]
    with pytest.raises(client.ClientSchemaError, match=r"^a\.module leaves out tls: "):
        client.covers("a.module", but_tls)
    with pytest.raises(client.ClientSchemaError, match="leaves out tls"):  # a reason says something
        client.covers("a.module", but_tls, left={"tls": ""})
    client.covers("a.module", but_tls, left={"tls": "it says the same as the agent"})
    client.covers("a.module", client.NUMBERED, client.CLEAR)


def test_a_column_that_is_none_is_an_error_that_names_it_and_who_asks_for_it() -> None:
    with pytest.raises(
        client.ClientSchemaError, match=r"^a\.module names ip, which is no column of a client"
    ):
        client.covers("a.module", [*client.NAMES, "ip"])
    with pytest.raises(client.ClientSchemaError, match=r"^a\.module names ip, "):
        client.picked("a.module", "address", "ip", why="because")


def test_a_choice_that_stands_says_why() -> None:
    assert client.picked("a.module", "address", "agent", why="because") == ("address", "agent")
    with pytest.raises(client.ClientSchemaError, match=r"^a\.module does not say why it takes address alone"):
        client.picked("a.module", "address", why="")
