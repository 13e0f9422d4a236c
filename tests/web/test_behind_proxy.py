"""The console behind a proxy that speaks TLS: what came through it is answered, and nothing that only says so."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from tests.e2e.nginx import NGINX, nginx
from tests.e2e.servers import free_port, needed
from tests.unit.cli.conftest import call
from tests.web.conftest import NOW, PASSWORD

from whosaw.app.console.accounts import accept, invite
from whosaw.app.console.gate import Role
from whosaw.core.errors import WhosawError
from whosaw.store.workspace import journal_of
from whosaw.web.app import console_app
from whosaw.web.behind import BehindProxy, behind_proxy
from whosaw.web.serve import serve

ADDRESS = "https://whosaw.example.org"
THROUGH = [("x-forwarded-proto", "https")]
_TLS = """\
    server {{
        listen 127.0.0.1:{tls} ssl;
        ssl_certificate {folder}/cert.pem;
        ssl_certificate_key {folder}/key.pem;
        location / {{
            proxy_pass http://127.0.0.1:{port};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-Proto $scheme;
        }}
    }}
"""
_PLAIN = """\
        location / {{
            proxy_pass http://127.0.0.1:{port};
            proxy_set_header Host localhost:{tls};
            proxy_set_header X-Forwarded-Proto $scheme;
        }}
"""


def asked(
    root: Path, headers: list[tuple[str, str]], *, client: str = "127.0.0.1", proxies: tuple[str, ...] = ()
) -> httpx.Response:
    """The answer to somebody at the page where one logs in."""
    behind = behind_proxy(ADDRESS, proxies)
    app: Any = BehindProxy(console_app(root, now=lambda: NOW, hosts=[behind.host], secure=True), behind)

    async def ask() -> httpx.Response:
        through = httpx.ASGITransport(app, client=(client, 50_000))
        async with httpx.AsyncClient(transport=through, base_url="http://whosaw.example.org") as browser:
            return await browser.get("/login", headers=headers)

    return asyncio.run(ask())


def test_what_came_through_tls_is_answered(root: Path) -> None:
    answer = asked(root, THROUGH)
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-whosaw-form=")
    assert {"secure", "httponly", "path=/", "samesite=strict"} <= {
        each.strip().lower() for each in cookie.split(";")
    }
    assert "domain" not in cookie.lower()


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("x-forwarded-proto", "http")],
        [("x-forwarded-proto", "HTTPS")],
        [("x-forwarded-proto", "https, http")],
        [("x-forwarded-proto", "https"), ("x-forwarded-proto", "http")],
        [("forwarded", "proto=https")],
        [("x-forwarded-ssl", "on")],
    ],
)
def test_what_did_not_is_refused(root: Path, headers: list[tuple[str, str]]) -> None:
    answer = asked(root, headers)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


@pytest.mark.parametrize(
    ("client", "proxies", "status"),
    [
        ("10.0.0.9", (), 403),
        ("10.0.0.9", ("10.0.0.0/24",), 200),
        ("10.0.1.9", ("10.0.0.0/24",), 403),
        ("127.0.0.1", ("10.0.0.1",), 403),
    ],
)
def test_the_word_of_a_proxy_counts_that_was_named_and_of_nobody_else(
    root: Path, client: str, proxies: tuple[str, ...], status: int
) -> None:
    assert asked(root, THROUGH, client=client, proxies=proxies).status_code == status


def test_another_host_is_answered_nothing_whatever_the_proxy_says_of_it(root: Path) -> None:
    assert asked(root, [*THROUGH, ("host", "evil.example")]).status_code == 400
    told = asked(root, [*THROUGH, ("x-forwarded-host", "evil.example")])
    assert (told.status_code, "evil.example" in told.text) == (200, False)


@pytest.mark.parametrize(
    "address",
    [
        "http://whosaw.example.org",
        "whosaw.example.org",
        "https://",
        "https://a@b",
        "https://h/path",
        "https://h?x",
        "https://h#x",
        "",
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(WhosawError, match="no address"):
        behind_proxy(address)


def test_a_proxy_that_is_none_is_refused() -> None:
    with pytest.raises(WhosawError, match="cannot be told"):
        behind_proxy(ADDRESS, ["nginx"])


@pytest.mark.parametrize("listen", ["0.0.0.0", "192.0.2.1", "::"])
def test_without_a_proxy_it_is_open_to_this_machine_alone(root: Path, listen: str) -> None:
    done = call("serve", "-w", str(root), "--listen", listen, "--port", "0")
    assert (done.exit_code, "speaks no TLS by itself" in done.stderr) == (2, True)
    with pytest.raises(WhosawError, match="no IP address"):
        serve(root, now=lambda: NOW, port=0, told=lambda *_: None, said=lambda _: None, listen="nowhere")


def certificate(folder: Path) -> ssl.SSLContext:
    """One for localhost that it signs itself, and who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    others = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    made = (
        x509.CertificateBuilder(
            name,
            name,
            key.public_key(),
            x509.random_serial_number(),
            now - timedelta(hours=1),
            now + timedelta(days=1),
        )
        .add_extension(others, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return ssl.create_default_context(cafile=str(folder / "cert.pem"))


@contextmanager
def served(root: Path, tls: int) -> Iterator[int]:
    """`whosaw serve` behind a proxy at this port, in a process of its own; the port where it listens itself."""
    command = [
        sys.executable,
        "-m",
        "whosaw",
        "serve",
        "-w",
        str(root),
        "--port",
        "0",
        "--behind-proxy",
        f"https://localhost:{tls}",
        "--json",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or lines[-1] != "}\n":
            lines.append(process.stdout.readline())
            assert lines[-1], "it ended before it was open"
        told = json.loads("".join(lines))
        assert told["address"] == f"https://localhost:{tls}"
        try:
            yield int(told["listening"].rpartition(":")[2])
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


def test_a_real_proxy_with_tls(root: Path, tmp_path: Path) -> None:
    needed(NGINX, "nginx")
    folder = tmp_path / "nginx"
    folder.mkdir()
    trust, tls, plain = certificate(folder), free_port(), free_port()
    with closing(journal_of(root)) as journal:
        accept(
            journal,
            invite(
                journal, "kim", [Role.INVESTIGATOR, Role.ADMINISTRATOR], by="a test", now=datetime.now(UTC)
            ),
            PASSWORD,
            now=datetime.now(UTC),
        )
    with served(root, tls) as port:
        words = {"port": port, "tls": tls, "folder": folder}
        with (
            nginx(folder, plain, _PLAIN.format(**words), beside=_TLS.format(**words)),
            httpx.Client(verify=trust) as browser,
        ):
            address = f"https://localhost:{tls}"
            page = browser.get(
                f"{address}/login", headers={"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"}
            )
            assert page.status_code == 200  # what a browser says of itself the proxy writes over
            (token,) = re.findall(r'name="_csrf_token" value="([^"]+)"', page.text)[:1]
            form = {"_csrf_token": token, "name": "kim", "password": PASSWORD}
            logged_in = browser.post(f"{address}/login", data=form)
            assert logged_in.status_code == 303
            sent = next(each for each in logged_in.headers.get_list("set-cookie") if "whosaw-login" in each)
            assert sent.startswith("__Host-whosaw-login=")
            assert "secure" in sent.lower()
            assert browser.get(f"{address}/").status_code == 200
            invited = browser.post(
                f"{address}/accounts", data={"_csrf_token": token, "name": "ann", "auditor": "on"}
            )
            assert f"{address}/enter/" in invited.text  # the link leads through the proxy
            with browser.stream("GET", f"{address}/events") as events:
                assert next(events.iter_lines()).startswith(
                    ("id:", "event: hello")
                )  # at once: nothing is held back
            forged = {"X-Forwarded-Proto": "https", "Host": f"localhost:{tls}"}
            assert httpx.get(f"http://localhost:{plain}/login", headers=forged).status_code == 403
            assert httpx.get(f"http://127.0.0.1:{port}/login").status_code == 403
            assert httpx.get(f"http://127.0.0.1:{port}/healthz").text == "ok\n"
