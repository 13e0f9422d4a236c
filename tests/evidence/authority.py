"""Certificates made on the spot, and a time stamp authority: `openssl ts` behind a small server on this machine."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = ["Issued", "issue", "serving", "write_pem"]

_CONFIG = """\
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
{certs}
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256, sha512
ess_cert_id_alg = {ess}
"""


class Issued:
    """A certificate with its key and what stands behind it."""

    def __init__(self, key: Any, certificate: x509.Certificate, chain: tuple[x509.Certificate, ...]) -> None:
        self.key, self.certificate, self.chain = key, certificate, chain


def issue(
    name: str,
    *,
    by: Issued | None = None,
    ca: bool = False,
    stamping: bool = False,
    since: datetime = datetime(2025, 1, 1, tzinfo=UTC),
    until: datetime = datetime(2045, 1, 1, tzinfo=UTC),
    key: Any = None,
) -> Issued:
    """A certificate of `name` (P-256, or of the key given), issued by another one or by itself."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = by.certificate.subject if by else subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if stamping:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
        )
    certificate = builder.sign(by.key if by else key, hashes.SHA256())
    return Issued(key, certificate, (certificate, *(by.chain if by else ())))


def write_pem(folder: Path, name: str, issued: Issued) -> tuple[Path, Path]:
    """`name.key` and `name.pem` (the certificate with its chain)."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    key.write_bytes(issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certificate.write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in issued.chain))
    return key, certificate


@contextmanager
def serving(folder: Path, issued: Issued, *, ess: str = "sha256", chain: bool = True) -> Iterator[str]:
    """Run an authority with this certificate; gives its address. Without `chain`, its answers hold its own certificate alone."""
    folder.mkdir(parents=True)
    write_pem(folder, "tsa", issued)
    (folder / "tsa.pem").write_bytes(issued.certificate.public_bytes(Encoding.PEM))
    (folder / "chain.pem").write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in issued.chain[1:]))
    (folder / "serial").write_text("01\n", encoding="ascii")
    certs = f"certs = {folder}/chain.pem" if chain else ""
    (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder, ess=ess, certs=certs), encoding="utf-8")

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            (folder / "query").write_bytes(asked)
            arguments = ["-config", "tsa.cnf", "-section", "own", "-queryfile", "query", "-out", "reply"]
            subprocess.run(
                ["openssl", "ts", "-reply", *arguments], cwd=folder, check=True, capture_output=True
            )
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write((folder / "reply").read_bytes())

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
