"""A customer who signs in reads the answer on the page: by contacts that the provider confirmed, in as many bytes as everybody else, and nobody by
anything less."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from litestar.testing import TestClient
from tests.lookup.page import Clock, Page, open_page
from tests.web.provider import CLIENT, SECRET, Provider, provider

from whosaw.app.lookup.pages import EVEN
from whosaw.app.lookup.signing import sign_page, verify_page
from whosaw.app.oidc.provider import Provider as Known
from whosaw.core.errors import WhosawError
from whosaw.evidence.keys import make_key
from whosaw.lookup.limits import Limits

SEEN = "accessed the following data of yours"


@pytest.fixture
def signs_in(tmp_path: Path) -> Iterator[Provider]:
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "secret").chmod(0o600)
    with provider() as made:
        made.user = {"sub": "248", "email": "P2@example.org", "email_verified": True}
        yield made


def asked(signs_in: Provider, own: Path) -> Known:
    return Known(issuer=signs_in.issuer, client_id=CLIENT, secret_file=own / "secret")


@contextmanager
def opened(table_folder: Path, own: Path, signs_in: Provider, **more: Any) -> Iterator[Page]:
    page = open_page(
        table_folder, own, clock=Clock(at=datetime.now(UTC)), provider=asked(signs_in, own), **more
    )
    with TestClient(page.app, base_url="https://leak.example.org") as client:
        yield page.asked_by(client)
    page.close()


@pytest.fixture
def page(table_folder: Path, tmp_path: Path, signs_in: Provider) -> Iterator[Page]:
    with opened(table_folder, tmp_path, signs_in) as page:
        yield page


def leave(page: Page) -> str:
    """To the provider and until it sends the browser back; where to, of our own."""
    gone = page.client.get("/sign-on?lang=en", follow_redirects=False)
    assert gone.status_code == 303
    came = httpx.get(gone.headers["location"])
    assert came.headers["location"].startswith("https://leak.example.org/sign-on/back?")
    return str(came.headers["location"].removeprefix("https://leak.example.org"))


def cookie(page: Page) -> str:
    return next(str(each.value) for each in page.client.cookies.jar if "sign-on" in each.name)


def carry(page: Page, value: str) -> None:
    page.client.cookies.clear()
    page.client.cookies.set("__Host-whosaw-sign-on", value)


def read(page: Page, **headers: str) -> Any:
    """The whole way of a customer."""
    return page.client.get(leave(page), headers=headers)


def test_a_customer_reads_the_answer_in_as_many_bytes_as_everybody(page: Page, signs_in: Provider) -> None:
    assert signs_in.issuer.removeprefix("http://") in page.client.get("/?lang=en").text
    told = {}
    people: dict[str, dict[str, Any]] = {
        "seen": {"email": "p2@example.org", "email_verified": True},
        "three at one contact": {"email": "p1@example.org", "email_verified": "true"},
        "by number": {"phone_number": "+254 712 345678", "phone_number_verified": True},
        "not seen": {"email": "other@example.org", "email_verified": True},
        "unknown": {"email": "nobody@example.org", "email_verified": True},
        "child": {"email": "child@example.org", "email_verified": True},
    }
    for name, claims in people.items():
        signs_in.user = {"sub": name, **claims}
        told[name] = read(page, **{"accept-encoding": "gzip"})
    assert {(each.status_code, len(each.content)) for each in told.values()} == {(200, EVEN)}
    heads = {
        tuple(sorted((n, v) for n, v in each.headers.items() if n not in ("date", "set-cookie")))
        for each in told.values()
    }
    assert len(heads) == 1
    assert "content-encoding" not in next(iter(told.values())).headers, (
        "what is packed says by its size what it was"
    )
    assert {name for name, each in told.items() if SEEN in each.text} == {
        "seen",
        "three at one contact",
        "by number",
    }
    assert "We do not know this contact" in told["unknown"].text
    assert "We answer the parent or guardian" in told["child"].text
    assert "no page about this person" in told["not seen"].text
    assert page.store.states() == {}, "nothing is kept of who read"


def test_two_contacts_of_an_account_are_told_once_where_the_same_is_told_of_them(
    page: Page, signs_in: Provider
) -> None:
    both = {
        "sub": "1",
        "email_verified": True,
        "phone_number": "+254712345678",
        "phone_number_verified": True,
    }
    signs_in.user = {**both, "email": "nobody@example.org"}
    told = read(page).text
    assert told.count(SEEN) == 1
    assert "We do not know" not in told
    signs_in.user = {**both, "email": "p2@example.org"}  # of whom the same is told
    assert read(page).text.count(SEEN) == 1
    signs_in.user = {**both, "email": "p1@example.org"}  # whom another gave as their contact, too
    told = read(page).text
    assert told.count(SEEN) == 3
    assert "<h2>p1@example.org</h2>" in told
    assert "<h2>+254712345678</h2>" in told


def test_a_contact_that_is_only_said_may_be_anybodys(page: Page, signs_in: Provider) -> None:
    for claims in (
        {"email": "p2@example.org"},
        {"email": "p2@example.org", "email_verified": False},
        {"email": "p2@example.org", "email_verified": "no", "phone_number_verified": True},
        {"email": ["p2@example.org"], "email_verified": True},
        {"email": "p2", "email_verified": True},
        {},
    ):
        signs_in.user = {"sub": "248", **claims}
        told = read(page)
        assert told.status_code == 403, claims
        assert "no confirmed e-mail address" in told.text
        assert SEEN not in told.text


def test_whatever_is_not_quite_a_sign_in_shows_nothing(page: Page, signs_in: Provider) -> None:
    def refused(path: str, status: int = 403) -> None:
        told = page.client.get(path)
        assert told.status_code == status, path
        assert "did not come to its end" in told.text
        assert SEEN not in told.text

    right = leave(page)
    state = right.partition("state=")[2].partition("&")[0]
    refused(right.replace(state, "x" * 64))
    refused("/sign-on/back")  # the cookie went with that
    right = leave(page)
    kept = cookie(page)
    page.client.cookies.clear()
    refused(right)  # a link that somebody was sent
    carry(page, kept[:-6] + "AAAAAA")
    refused(right)
    for path in (
        leave(page).replace("code=", "code=x"),
        leave(page).partition("&iss")[0] + "&iss=https://evil.example",
    ):
        refused(path)
    refused("/sign-on/back?error=access_denied&" + leave(page).partition("&")[2])
    once = leave(page)
    kept = cookie(page)
    assert page.client.get(once).status_code == 200
    carry(page, kept)
    refused(once)
    late = leave(page)
    page.clock.later(minutes=11)
    refused(late)
    page.clock.later(minutes=-11)
    signs_in.twist = lambda claims: {**claims, "nonce": "another"}
    refused(leave(page))
    signs_in.twist = lambda claims: {**claims, "aud": "another"}
    refused(leave(page))
    signs_in.twist, signs_in.key = (lambda claims: claims), ec.generate_private_key(ec.SECP256R1())
    served, signs_in.key = signs_in.key, ec.generate_private_key(ec.SECP256R1())
    assert served is not signs_in.key
    path = leave(page)
    signs_in.jwks = lambda: {"keys": []}  # type: ignore[method-assign]
    refused(path)


def test_cookies_of_the_way_are_bound_to_it(page: Page) -> None:
    gone = page.client.get("/sign-on", follow_redirects=False)
    (told,) = gone.headers.get_list("set-cookie")
    for each in ("__Host-whosaw-sign-on=", "HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=600"):
        assert each in told
    assert "p2@" not in told
    done = read(page)
    assert "Max-Age=0" in done.headers["set-cookie"]
    assert done.headers["referrer-policy"] == "no-referrer"


def test_a_network_signs_in_so_many_times_a_day(
    table_folder: Path, tmp_path: Path, signs_in: Provider
) -> None:
    with opened(table_folder, tmp_path, signs_in, limits=Limits(sign_ons_a_day=2)) as page:
        assert [read(page).status_code for _ in range(3)] == [200, 200, 429]
        page.clock.later(hours=13)
        signs_in.twist = lambda claims: {
            **claims,
            "iat": claims["iat"] + 46_800,
            "exp": claims["exp"] + 46_800,
        }
        assert read(page).status_code == 200


def test_a_provider_that_is_away_is_said_and_the_page_goes_on(page: Page, signs_in: Provider) -> None:
    path = leave(page)
    sign_on = page.public.sign_on
    assert sign_on is not None
    sign_on.provider._told = dict.fromkeys(sign_on.provider.about(), "http://127.0.0.1:9/")
    assert page.client.get(path).status_code in (403, 502)
    assert page.ask("p2@example.org").status_code == 200


def test_without_a_provider_there_is_no_such_way(table_folder: Path, tmp_path: Path) -> None:
    page = open_page(table_folder, tmp_path)
    with TestClient(page.app, base_url="https://leak.example.org") as client:
        assert "/sign-on" not in client.get("/").text
        assert [client.get(each).status_code for each in ("/sign-on", "/sign-on/back?code=1&state=2")] == [
            404,
            404,
        ]
    page.close()


def test_the_page_that_is_signed_says_where_customers_sign_in(
    table_folder: Path, tmp_path: Path, signs_in: Provider
) -> None:
    mark = make_key(tmp_path / "signing.pem")

    def signed(host: str) -> None:
        sign_page(
            table_folder / "t.lookup", tmp_path / "page.json", table_key=table_folder / "t.lookup.key", address="https://leak.example.org",
            kinds=("mail", "phone"), key=tmp_path / "signing.pem", now=datetime.now(UTC), provider=host,
        )  # fmt: skip

    signed("login.evil.example")
    more: dict[str, Any] = {"statement": tmp_path / "page.json", "provider": asked(signs_in, tmp_path)}
    with pytest.raises(WhosawError, match="is not the one that was signed"):
        open_page(table_folder, tmp_path, **more)
    signed(signs_in.issuer.removeprefix("http://"))
    page = open_page(table_folder, tmp_path, **more)
    with TestClient(page.app, base_url="http://leak.example.org") as client:
        (tmp_path / "page.html").write_bytes(client.get("/?lang=sw").content)
    page.close()
    assert verify_page(tmp_path / "page.json", tmp_path / "page.html", signer=mark).answer == "holds"


def test_a_provider_has_to_answer_before_anything_is_served(
    table_folder: Path, tmp_path: Path, signs_in: Provider
) -> None:
    wrong: list[tuple[Callable[[], object], str]] = [
        (lambda: open_page(table_folder, tmp_path, provider=Known(issuer="http://127.0.0.1:9", client_id="x", secret_file=None)), "cannot be asked"),
        (lambda: open_page(table_folder, tmp_path, provider=Known(issuer="http://example.org", client_id="x", secret_file=None)), "no https address"),
    ]  # fmt: skip
    for act, why in wrong:
        with pytest.raises(WhosawError, match=why):
            act()
