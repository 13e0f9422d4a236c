"""Says whether an evidence bundle holds: `python verify.py BUNDLE`, without whosaw and without a network.

It imports the standard library and `cryptography`, and strangers get it as one file, so that a court or a regulator can read
all of what decides, copy it, and run it. Each part of a bundle holds, is broken, or cannot be told, and the bundle is as good
as its worst part. The format is described in docs/reference/evidence-bundle.md; instants are RFC 3339 in UTC.
"""

# Made by `python -m tools.verifier --write` from the modules in src/whosaw/evidence/verify: change those, not this file.
# They stand here whole, in the order in which they are used, each behind those that it needs.

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import struct
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

__all__ = [
    "BROKEN",
    "CANNOT_TELL",
    "CLOSING",
    "CONTAINER",
    "CUSTODY",
    "FORMAT",
    "GENESIS",
    "HOLDS",
    "JOURNAL",
    "KIND",
    "MANIFEST",
    "SIGNATURE",
    "SIGNED",
    "STAMP",
    "STAMPED",
    "Part",
    "Stamp",
    "Verdict",
    "as_text",
    "canonical",
    "closing_message",
    "fingerprint",
    "load_json",
    "load_signer",
    "load_trust",
    "main",
    "merkle_root",
    "open_bundle",
    "pack",
    "read_stamp",
    "roaring_size",
    "signed_message",
    "stamp_fault",
    "stamp_message",
    "unpack",
    "verify",
]


# -- digests: SHA-256 of a part, of the lines of a journal as a tree, and in the messages that are signed and stamped.


def sha256(data: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The tree hash of RFC 6962, section 2.1, with SHA-256."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    peaks: list[tuple[int, bytes]] = []  # whole subtrees from left to right, each with its number of leaves
    for leaf in leaves:
        size, node = 1, hashlib.sha256(b"\x00" + leaf).digest()
        while peaks and peaks[-1][0] == size:
            node = hashlib.sha256(b"\x01" + peaks.pop()[1] + node).digest()
            size *= 2
        peaks.append((size, node))
    node = peaks.pop()[1]
    while peaks:
        node = hashlib.sha256(b"\x01" + peaks.pop()[1] + node).digest()
    return node


def signed_message(manifest: bytes) -> bytes:
    """What a signature is over. The words in front keep it from meaning anything else."""
    return b"whosaw evidence signature 1\n" + manifest


def stamp_message(manifest: bytes, signature: bytes | None, salt: bytes) -> bytes:
    """What a time stamp is over: salted digests, so that the authority learns nothing and can confirm no guess."""
    digests = hashlib.sha256(manifest).digest() + hashlib.sha256(signature or b"").digest()
    return b"whosaw evidence stamp 1\n" + salt + digests


def closing_message(manifest: bytes, signature: bytes, stamp: bytes) -> bytes:
    """What the signer signs last, so that not a byte of the time stamp can be exchanged either."""
    digests = (hashlib.sha256(each).digest() for each in (manifest, signature, stamp))
    return b"whosaw evidence closing 1\n" + b"".join(digests)


# -- signatures: Whether a signature is of a key, and what a key is called.


def fingerprint(key: Any) -> str:
    """SHA-256 of a public key in its standard form (SubjectPublicKeyInfo, DER)."""
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def check_raw(
    key: Any, signature: bytes, message: bytes, digest: hashes.HashAlgorithm, *, pss: bool = False
) -> None:
    """`InvalidSignature` where the signature is not of this key over this message."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(signature, message)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, message, ec.ECDSA(digest))
    elif isinstance(key, rsa.RSAPublicKey):
        scheme = padding.PSS(padding.MGF1(digest), padding.PSS.AUTO) if pss else padding.PKCS1v15()
        key.verify(signature, message, scheme, digest)
    else:
        raise InvalidSignature


# -- names: What a bundle and its parts are called.

FORMAT = 1
KIND = "whosaw evidence bundle"
MANIFEST, SIGNATURE, STAMP, CLOSING = "bundle.json", "signature.json", "stamp.tsr", "closing.json"
JOURNAL, CUSTODY = "journal.jsonl", "custody.jsonl"
CONTAINER, SIGNED, STAMPED = "container", "signature", "time stamp"


# -- canonical_json: JSON in its one spelling, so that one meaning has one digest.

Json = dict[str, Any]


def canonical(value: object) -> bytes:
    """JSON with one spelling: sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "surrogatepass")


def load_json(data: bytes) -> Any:
    """Read canonical JSON; `ValueError` for any other spelling, so that one meaning has one digest."""

    def once(pairs: list[tuple[str, Any]]) -> Json:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key stands there twice")
        return found

    value = json.loads(data.decode("utf-8", "surrogatepass"), object_pairs_hook=once)
    if canonical(value) != data:
        raise ValueError("it is not in the canonical spelling")
    return value


# -- answers: What is said of a bundle: each part holds, is broken, or cannot be told, and the worst answer counts.

HOLDS, CANNOT_TELL, BROKEN = "holds", "cannot tell", "broken"
_LOOKED_AT = {CONTAINER, MANIFEST, SIGNED, STAMPED, JOURNAL}
MALFORMED = (
    KeyError,
    TypeError,
    ValueError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
    struct.error,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is said of one part, and why where it does not simply hold."""

    name: str
    answer: str
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is said of a bundle. `signer` is the SHA-256 of the public key that signed; `stamped` is a proven time."""

    bundle: str
    case: str | None
    sealed: str | None
    signer: str | None
    stamped: datetime | None
    parts: tuple[Part, ...]
    examined: bool = True

    @property
    def answer(self) -> str:
        """The worst answer of any part; nothing holds unless all that must be looked at was."""
        said = {part.answer for part in self.parts}
        if BROKEN in said:
            return BROKEN
        whole = {part.name for part in self.parts} >= _LOOKED_AT
        return HOLDS if whole and said == {HOLDS} else CANNOT_TELL

    @property
    def exit_code(self) -> int:
        """0 when all of it holds, 1 when something is broken, 2 when it could not be examined, 3 when it cannot be told."""
        if not self.examined:
            return 2
        return {HOLDS: 0, BROKEN: 1, CANNOT_TELL: 3}[self.answer]

    def as_json(self) -> Json:
        return {
            "bundle": self.bundle,
            "case": self.case,
            "sealed": self.sealed,
            "signer": self.signer,
            "stamped": None if self.stamped is None else instant(self.stamped),
            "answer": self.answer,
            "parts": [
                {"part": each.name, "answer": each.answer, "why": list(each.why)} for each in self.parts
            ],
        }


class Told:
    """Collects answers part by part; the worst one counts."""

    def __init__(self) -> None:
        self._said: dict[str, list[tuple[str, str]]] = {}

    def holds(self, part: str) -> None:
        self._said.setdefault(part, [])

    def broken(self, part: str, why: str) -> None:
        self._said.setdefault(part, []).append((BROKEN, why))

    def unknown(self, part: str, why: str) -> None:
        self._said.setdefault(part, []).append((CANNOT_TELL, why))

    def note(self, part: str, why: str) -> None:
        """Something to know of a part that is no flaw of it."""
        self._said.setdefault(part, []).append((HOLDS, why))

    def is_broken(self, part: str) -> bool:
        return any(answer == BROKEN for answer, _ in self._said.get(part, []))

    def parts(self) -> tuple[Part, ...]:
        return tuple(self._part(name, said) for name, said in self._said.items())

    @staticmethod
    def _part(name: str, said: list[tuple[str, str]]) -> Part:
        answers = {answer for answer, _ in said}
        worst = next((each for each in (BROKEN, CANNOT_TELL) if each in answers), HOLDS)
        return Part(name=name, answer=worst, why=tuple(dict.fromkeys(why for _, why in said)))


class Guard:
    """Whatever does not have the form of the format is a flaw of its part, never a crash."""

    def __init__(self, told: Told, part: str) -> None:
        self._told, self._part = told, part

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, _trace: object) -> bool:
        if fault is None or not isinstance(fault, MALFORMED):
            return False
        self._told.broken(
            self._part,
            f"it is not of the form that the format asks for ({kind.__name__ if kind else kind}: {fault})"[
                :200
            ],
        )
        return True


def instant(when: datetime) -> str:
    """An instant as people and documents get it: RFC 3339 in UTC."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


# -- container: A zip file of one spelling: nothing compressed, no time, nothing between the parts.

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*){0,3}\Z")
_MOST_PARTS = 60_000
_LOCAL, _CENTRAL, _END = "<4s5H3I2H", "<4s6H3I5H2I", "<4s4H2IH"
_DATE = (1 << 5) | 1  # 1980-01-01, the first day that a zip file can say


def pack(parts: Mapping[str, bytes], checksums: Mapping[str, int] | None = None) -> bytes:
    """The bytes of a bundle. Parts stand in the order given. `ValueError` where a plain zip cannot hold them."""
    body, directory = bytearray(), bytearray()
    for name, data in parts.items():
        spelled = name.encode("ascii")
        crc = zlib.crc32(data) if checksums is None else checksums[name]
        common = (0, 0, 0, _DATE, crc, len(data), len(data), len(spelled))
        if len(body) + len(data) >= 0xFFFF_0000:
            raise ValueError("more than 4 GiB do not fit into a bundle")
        directory += struct.pack(
            _CENTRAL,
            b"PK\x01\x02",
            (3 << 8) | 20,
            20,
            *common[:4],
            *common[4:],
            0,
            0,
            0,
            0,
            0o100644 << 16,
            len(body),
        )
        directory += spelled
        body += struct.pack(_LOCAL, b"PK\x03\x04", 20, *common, 0) + spelled + data
    end = struct.pack(_END, b"PK\x05\x06", 0, 0, len(parts), len(parts), len(directory), len(body), 0)
    return bytes(body + directory + end)


def unpack(data: bytes) -> tuple[dict[str, bytes], list[str]]:
    """The parts of a bundle, and those whose checksum is wrong. Nothing is ever unpacked to disk.

    `ValueError` says why it is no bundle: cut short, a name that leads elsewhere, compressed, bytes that belong to no part.
    """
    size = struct.calcsize(_END)
    if len(data) < size or data[-size:][:4] != b"PK\x05\x06":
        raise ValueError("it is cut short, has something behind its end, or is no bundle at all")
    _, _, _, _, count, length, start, _ = struct.unpack(_END, data[-size:])
    if start + length != len(data) - size:
        raise ValueError("it is cut short, or its table of parts is not where it must be")
    if count > _MOST_PARTS:
        raise ValueError(f"it has more than {_MOST_PARTS:,} parts")
    parts: dict[str, bytes] = {}
    checksums: dict[str, int] = {}
    wrong: list[str] = []
    at = start
    for _ in range(count):
        name, crc, offset, packed, at = _entry(data, at)
        if name in parts:
            raise ValueError(f"{name} stands in it twice")
        begin = offset + struct.calcsize(_LOCAL) + len(name)
        if begin + packed > start:
            raise ValueError(f"{name} reaches beyond the parts: it is cut short or overlaps")
        parts[name], checksums[name] = data[begin : begin + packed], crc
        if zlib.crc32(parts[name]) != crc:
            wrong.append(name)
    if pack(parts, checksums) != data:
        raise ValueError("there are bytes in it that belong to no part")
    return parts, wrong


def _entry(data: bytes, at: int) -> tuple[str, int, int, int, int]:
    """Name, checksum, offset, size and the place behind of one row of the table."""
    head = struct.calcsize(_CENTRAL)
    fields = struct.unpack(_CENTRAL, data[at : at + head])
    method, crc, packed, plain, named, offset = (
        fields[4],
        fields[7],
        fields[8],
        fields[9],
        fields[10],
        fields[16],
    )
    name = data[at + head : at + head + named].decode("ascii", "backslashreplace")
    if fields[0] != b"PK\x01\x02":
        raise ValueError("its table of parts is damaged")
    if not _NAME.match(name) or len(name) != named:
        raise ValueError(f"a part has the name {name[:60]!r}, which no part may have")
    if method != 0 or packed != plain:
        raise ValueError(f"{name} is compressed; in a bundle nothing is, so that nothing can swell")
    return name, crc, offset, packed, at + head + named


def in_order(names: Iterable[str]) -> list[str]:
    """The one order of parts: manifest, signature, time stamp, closing signature, then all others by name."""
    first = {name: place for place, name in enumerate((MANIFEST, SIGNATURE, STAMP, CLOSING))}
    return sorted(names, key=lambda name: (first.get(name, len(first)), name))


def open_bundle(data: bytes) -> tuple[Json, dict[str, bytes]]:
    """The manifest and the parts of a bundle that was verified before. `ValueError` where it is none."""
    parts, _ = unpack(data)
    if MANIFEST not in parts:
        raise ValueError(f"it has no {MANIFEST}")
    return load_json(parts[MANIFEST]), parts


# -- der: What of ASN.1 time stamps need: values in DER (X.690).

INTEGER, OCTETS, OID, SEQUENCE, SET, GENERALIZED_TIME = 0x02, 0x04, 0x06, 0x30, 0x31, 0x18


@dataclass(frozen=True, slots=True)
class Value:
    """One DER value: its tag, its content, and all its bytes."""

    tag: int
    content: bytes
    whole: bytes

    def inside(self) -> list[Value]:
        return list(_values(self.content))


def _values(data: bytes) -> Iterator[Value]:
    """The values that stand one after another (X.690, definite lengths only)."""
    at = 0
    while at < len(data):
        tag, length, begin = data[at], data[at + 1], at + 2
        if tag & 0x1F == 0x1F or length == 0x80:
            raise ValueError("it is not in DER")
        if length > 0x80:
            width = length & 0x7F
            length, begin = int.from_bytes(data[begin : begin + width], "big"), begin + width
        if begin + length > len(data):
            raise ValueError("it is cut short")
        yield Value(tag, data[begin : begin + length], data[at : begin + length])
        at = begin + length


def one(data: bytes, tag: int = SEQUENCE) -> Value:
    """The one value that stands there, of this tag."""
    found = list(_values(data))
    if len(found) != 1 or found[0].tag != tag:
        raise ValueError("it is not in the form of RFC 3161")
    return found[0]


def oid(value: Value) -> str:
    """An object identifier as numbers with dots."""
    if value.tag != OID or not value.content:
        raise ValueError("it is not in the form of RFC 3161")
    numbers, current = [], 0
    for byte in value.content:
        current = (current << 7) | (byte & 0x7F)
        if not byte & 0x80:
            numbers.append(current)
            current = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(str(each) for each in (first, numbers[0] - 40 * first, *numbers[1:]))


# -- certificates: Whether a certificate leads to one that is trusted.


def check_issued(certificates: Sequence[x509.Certificate]) -> None:
    """No certificate that was sent along is damaged: where its issuer is there too, it did issue it."""
    for each in certificates:
        issuers = [other for other in certificates if other.subject == each.issuer]
        if issuers and not any(_issued(each, other) for other in issuers):
            raise ValueError("it holds a certificate that its issuer did not issue: it was changed")
    named = {each.issuer for each in certificates}
    if any(each.subject not in named for each in certificates[1:]):
        raise ValueError("it holds a certificate that belongs to no other: it was changed or put in")


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _check_ca(_policy: object, _certificate: x509.Certificate, said: x509.BasicConstraints) -> None:
    if not said.ca:
        raise ValueError("an issuer is no certification authority")


def _check_ca_usage(_policy: object, _certificate: x509.Certificate, said: x509.KeyUsage | None) -> None:
    if said is not None and not said.key_cert_sign:
        raise ValueError("an issuer may not issue certificates")


def _check_usage(_policy: object, _certificate: x509.Certificate, said: x509.KeyUsage | None) -> None:
    if said is not None and not (said.digital_signature or said.content_commitment):
        raise ValueError("the certificate is not for signatures")


def _check_stamping(_policy: object, _certificate: x509.Certificate, said: x509.ExtendedKeyUsage) -> None:
    # RFC 3161, section 2.3: this purpose, and no other
    if list(said) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise ValueError("the certificate is not one for time stamps alone")


def chain_fault(
    certificates: Sequence[x509.Certificate],
    trust: Sequence[x509.Certificate],
    at: datetime,
    *,
    stamping: bool,
) -> str | None:
    """Why the first certificate does not lead to a trusted one at that time; None where it does."""
    every = ExtensionPolicy.permit_all()
    issuers = every.require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _check_ca)
    issuers = issuers.may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _check_ca_usage)
    leaf = every.may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _check_usage)
    if stamping:
        leaf = leaf.require_present(x509.ExtendedKeyUsage, Criticality.CRITICAL, _check_stamping)
    policy = PolicyBuilder().store(Store(list(trust))).time(at.astimezone(UTC).replace(tzinfo=None))
    verifier = policy.extension_policies(ca_policy=issuers, ee_policy=leaf).build_client_verifier()
    try:
        verifier.verify(certificates[0], list(certificates[1:]))
    except VerificationError as fault:
        return str(fault).split(" (encountered")[0].removeprefix("validation failed: ")
    return None


# -- time_stamps: Reads time stamps (RFC 3161), and what of CMS (RFC 5652) they need.

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "2.16.840.1.101.3.4.2.1": hashes.SHA256(),
    "2.16.840.1.101.3.4.2.2": hashes.SHA384(),
    "2.16.840.1.101.3.4.2.3": hashes.SHA512(),
}
_SIGNED_DATA, _TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE, _MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE = {"1.2.840.113549.1.9.16.2.12": "sha1", "1.2.840.113549.1.9.16.2.47": "sha256"}
_PSS = "1.2.840.113549.1.1.10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A time stamp whose own signature was checked: when, over which SHA-2 digest, by whom (`certificates[0]`)."""

    time: datetime
    digest: bytes
    algorithm: str
    nonce: int | None
    certificates: tuple[x509.Certificate, ...]


def read_stamp(response: bytes) -> Stamp:
    """Read a TimeStampResp and check that it is signed by the certificate it names. `ValueError` says what is wrong."""
    try:
        return _read_stamp(response)
    except ValueError:
        raise
    except (*MALFORMED, UnsupportedAlgorithm) as fault:
        raise ValueError("it is not in the form of RFC 3161") from fault


def _read_stamp(response: bytes) -> Stamp:
    answer = one(response).inside()
    status = int.from_bytes(answer[0].inside()[0].content, "big", signed=True)
    if status not in (0, 1) or len(answer) != 2:
        raise ValueError(f"the authority refused it (status {status})")
    kind, wrapped = answer[1].inside()
    if oid(kind) != _SIGNED_DATA:
        raise ValueError("it is not signed data")
    _, _, enclosed, *rest = one(wrapped.content).inside()
    content_type, content = enclosed.inside()
    if oid(content_type) != _TST_INFO:
        raise ValueError("what is signed is no time stamp")
    info = one(content.content, OCTETS).content
    certificates = [
        x509.load_der_x509_certificate(each.whole)
        for value in rest
        if value.tag == 0xA0
        for each in value.inside()
    ]
    signers = [value for value in rest if value.tag == SET]
    if len(signers) != 1 or len(signers[0].inside()) != 1:
        raise ValueError("it does not have exactly one signer")
    leaf = _checked_signer(signers[0].inside()[0], info, certificates)
    chain = (leaf, *(each for each in certificates if each != leaf))
    check_issued(chain)
    return _stamp_info(info, chain)


def _checked_signer(signer: Value, info: bytes, certificates: list[x509.Certificate]) -> x509.Certificate:
    """The certificate that signed `info`, after its signature and the signed attributes were checked (RFC 5652, 5.4)."""
    _, named, digest_algorithm, *rest = signer.inside()
    leaf = next((each for each in certificates if _is_named(each, named)), None)
    if leaf is None:
        raise ValueError("it does not hold the certificate of its signer")
    attributes = next((value for value in rest if value.tag == 0xA0), None)
    algorithm, signature = [value for value in rest if value.tag in (SEQUENCE, OCTETS)][:2]
    chosen = _HASHES.get(oid(digest_algorithm.inside()[0]))
    if attributes is None or chosen is None:
        raise ValueError(
            "it is signed in a way that RFC 3161 does not allow, or by a digest older than SHA-2"
        )
    said = {oid(each.inside()[0]): each.inside()[1].inside() for each in attributes.inside()}
    if [oid(each) for each in said.get(_CONTENT_TYPE, [])] != [_TST_INFO]:
        raise ValueError("its signer signed something else than a time stamp")
    if [each.content for each in said.get(_MESSAGE_DIGEST, [])] != [hashlib.new(chosen.name, info).digest()]:
        raise ValueError("its content was changed after it was signed")
    _check_signing_certificate(said, leaf)
    message = bytes([SET]) + attributes.whole[1:]  # signed as the SET that it is, sent under an implicit tag
    try:
        check_raw(
            leaf.public_key(), signature.content, message, chosen, pss=oid(algorithm.inside()[0]) == _PSS
        )
    except InvalidSignature as fault:
        raise ValueError("its signature is wrong") from fault
    return leaf


def _is_named(certificate: x509.Certificate, named: Value) -> bool:
    if named.tag == 0x80:
        found = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest
        return found == named.content
    issuer, serial = named.inside()
    same = int.from_bytes(serial.content, "big", signed=True) == certificate.serial_number
    return same and certificate.issuer.public_bytes() == issuer.whole


def _check_signing_certificate(said: Mapping[str, list[Value]], leaf: x509.Certificate) -> None:
    """The certificate is the one that the signer meant (RFC 2634 and 5035, asked for by RFC 3161 and 5816)."""
    for name, usual in _SIGNING_CERTIFICATE.items():
        for value in said.get(name, []):
            identifier = value.inside()[0].inside()[0].inside()
            digest = next(each.content for each in identifier if each.tag == OCTETS)
            stated = [each for each in identifier[:1] if each.tag == SEQUENCE]
            method = _HASHES[oid(stated[0].inside()[0])].name if stated and usual != "sha1" else usual
            if hashlib.new(method, leaf.public_bytes(Encoding.DER)).digest() == digest:
                return
    raise ValueError("it does not say which certificate signed it, or names another one")


def _stamp_info(info: bytes, certificates: tuple[x509.Certificate, ...]) -> Stamp:
    _, _, imprint, _, moment, *rest = one(info).inside()
    algorithm, digest = imprint.inside()
    chosen = _HASHES.get(oid(algorithm.inside()[0]))
    if chosen is None or moment.tag != GENERALIZED_TIME:
        raise ValueError("it is over a digest older than SHA-2, or has no time")
    text = moment.content.decode("ascii")
    form = "%Y%m%d%H%M%S.%fZ" if "." in text else "%Y%m%d%H%M%SZ"
    return Stamp(
        time=datetime.strptime(text, form).replace(tzinfo=UTC),
        digest=digest.content,
        algorithm=chosen.name,
        nonce=next((int.from_bytes(each.content, "big") for each in rest if each.tag == INTEGER), None),
        certificates=certificates,
    )


def stamp_fault(stamp: Stamp, trust: Sequence[x509.Certificate]) -> str | None:
    """Why the authority of a time stamp does not lead to a trusted one; None where it does."""
    return chain_fault(stamp.certificates, trust, stamp.time, stamping=True)


# -- sealed_when: When the bundle was sealed: its time stamp.

_SKEW = timedelta(minutes=10)  # by which two honest clocks may differ


def check_stamp(
    told: Told, manifest: Json, parts: Mapping[str, bytes], trust: Sequence[x509.Certificate]
) -> datetime | None:
    """The time that a trusted authority vouches for; None where there is none."""
    response = parts.get(STAMP)
    if response is None:
        if manifest["stamp"] is not None:
            told.broken(
                STAMPED, "the bundle says that it has a time stamp, and it is not there: it was removed"
            )
        elif trust:
            told.broken(STAMPED, "there is none, though one by a given authority is asked for")
        else:
            told.unknown(STAMPED, "there is none: when the bundle was sealed rests on the word of the sealer")
        return None
    if manifest["stamp"] is None:
        told.broken(STAMPED, "there is one, and the bundle says that there is none")
    try:
        stamp = read_stamp(response)
    except ValueError as fault:
        told.broken(STAMPED, str(fault))
        return None
    message = stamp_message(parts[MANIFEST], parts.get(SIGNATURE), bytes.fromhex(manifest["salt"]))
    if hashlib.new(stamp.algorithm, message).digest() != stamp.digest:
        told.broken(STAMPED, "it is over other data than this bundle")
    if stamp.time + _SKEW < datetime.fromisoformat(manifest["sealed"]):
        told.broken(STAMPED, f"it is of {instant(stamp.time)}, before the bundle says that it was sealed")
    if not trust:
        told.unknown(
            STAMPED,
            f"it says {instant(stamp.time)} by {stamp.certificates[0].subject.rfc4514_string()}; whether that authority "
            "is to be trusted cannot be told without its root certificate (--stamp-trust)",
        )
        return None
    if (fault_ := stamp_fault(stamp, trust)) is not None:
        told.broken(STAMPED, f"its authority is not one that is trusted: {fault_}")
    if told.is_broken(STAMPED):
        return None
    told.holds(STAMPED)
    return stamp.time


# -- sealed_by: Who sealed the bundle: its signature, and the closing signature over the time stamp.


def check_signature(
    told: Told,
    manifest: Json,
    parts: Mapping[str, bytes],
    *,
    signer: str | None,
    trust: Sequence[x509.Certificate],
    stamped: datetime | None,
    now: datetime,
) -> str | None:
    """Check the signature; returns the fingerprint of the key that made it, None where it is not good."""
    named, data = manifest["signer"], parts.get(SIGNATURE)
    if data is None:
        if named is not None:
            told.broken(SIGNED, "the bundle names its signer, and its signature is not there: it was removed")
        elif signer is not None or trust:
            told.broken(SIGNED, "it is not signed, though a given signer is asked for")
        else:
            told.unknown(SIGNED, "it is not signed: anybody could have made it")
        return None
    if named is None:
        told.broken(SIGNED, "there is one, and the bundle says that it is not signed")
        return None
    said = load_json(data)
    certificates: list[x509.Certificate] = []
    if said["kind"] == "certificate":
        certificates = [x509.load_der_x509_certificate(_bytes(each)) for each in said["certificates"]]
        check_issued(certificates)
        key: Any = certificates[0].public_key()
    elif said["kind"] == "ed25519":
        key = ed25519.Ed25519PublicKey.from_public_bytes(_bytes(said["key"]))
    else:
        # a forger can write any kind: where a signer is demanded, what cannot be checked is not by that signer
        say = told.broken if signer is not None or trust else told.unknown
        say(SIGNED, f"it is of a kind that this program does not know: {str(said['kind'])[:40]}")
        return None
    found = fingerprint(key)
    if said["kind"] != named["kind"] or found != named["sha256"]:
        told.broken(SIGNED, f"it is by another key than the bundle names: {found}")
        return None
    try:
        check_raw(key, _bytes(said["signature"]), signed_message(parts[MANIFEST]), hashes.SHA256())
    except InvalidSignature:
        told.broken(
            SIGNED, f"it does not fit {MANIFEST}: one of the two was changed, or belongs to another bundle"
        )
        return None
    _check_closing(told, key, parts)
    if signer is not None and found != signer:
        told.broken(SIGNED, f"it is by the key {found}, not by the one that is asked for")
    elif certificates:
        sealed = datetime.fromisoformat(manifest["sealed"])
        _check_certificate(
            told, certificates, trust, asked=signer is not None, sealed=sealed, stamped=stamped, now=now
        )
    elif signer is None:
        told.unknown(SIGNED, f"it fits, by the key {found}; whose key that is cannot be told (--signer)")
    told.holds(SIGNED)
    return found


def _bytes(text: str) -> bytes:
    """Base64 in its one spelling."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("a text is not in the one spelling of base64")
    return data


def _check_closing(told: Told, key: Any, parts: Mapping[str, bytes]) -> None:
    """Where there is a time stamp, the signer signed it too, after it came."""
    if STAMP not in parts:
        return
    if CLOSING not in parts:
        told.broken(CLOSING, "it is missing: the signer closes what was stamped with a last signature")
        return
    message = closing_message(parts[MANIFEST], parts[SIGNATURE], parts[STAMP])
    try:
        check_raw(key, _bytes(load_json(parts[CLOSING])["signature"]), message, hashes.SHA256())
    except InvalidSignature:
        told.broken(CLOSING, "it does not fit: the time stamp was exchanged after the sealing, or this was")
        told.broken(STAMPED, f"it is not known to be the one that was sealed: {CLOSING} does not fit it")
        return
    except MALFORMED as fault:
        told.broken(CLOSING, f"it was changed ({fault})")
        return
    told.holds(CLOSING)


def _check_certificate(
    told: Told,
    certificates: Sequence[x509.Certificate],
    trust: Sequence[x509.Certificate],
    *,
    asked: bool,
    sealed: datetime,
    stamped: datetime | None,
    now: datetime,
) -> None:
    """A certificate counts as of the proven time of the signature, and as of now where none is proven."""
    leaf = certificates[0]
    since, until = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    for when, what in ((stamped, "the time stamp says"), (sealed, "the bundle says")):
        if when is not None and not since <= when <= until:
            span = f"from {instant(since)} to {instant(until)}"
            told.broken(
                SIGNED,
                f"the certificate is valid {span}, and {what} that it was sealed on {instant(when)}: expired",
            )
            return
    if stamped is None and now > until:
        told.unknown(
            SIGNED,
            f"the certificate expired on {instant(until)}, and no trusted time stamp proves an earlier signature",
        )
    if not trust:
        if not asked:
            name = leaf.subject.rfc4514_string()
            told.unknown(
                SIGNED, f"it fits, by {name}; whether that is to be believed cannot be told (--trust)"
            )
        return
    at = stamped or (now if now <= until else sealed)
    if (fault := chain_fault(certificates, trust, at, stamping=False)) is None:
        return
    if "Forbidden" in fault:
        told.unknown(SIGNED, f"its certificates are of a kind that cannot be checked here: {fault}")
    else:
        told.broken(SIGNED, f"its certificate does not lead to one that is trusted: {fault}")


# -- listed_parts: Whether each part is the one that was sealed.

_NEEDED = (
    "clues.json",
    "configuration.json",
    "findings.json",
    "inputs.json",
    JOURNAL,
    "ledger.json",
)


def check_digests(told: Told, manifest: Json, parts: Mapping[str, bytes], wrong: Sequence[str]) -> None:
    """All parts that must be there are, each as it was sealed, and none besides."""
    listed = {row["name"]: row for row in manifest["parts"]}
    if len(listed) != len(manifest["parts"]) or list(listed) != sorted(listed):
        told.broken(MANIFEST, "its list of parts is not in order")
    numbers = range(1, int(manifest["versions"]) + 1)
    ends = ("json", "inputs.json", "sets.json")
    for name in (*_NEEDED, *(f"scope/{number:04d}.{end}" for number in numbers for end in ends)):
        if name not in listed:
            told.broken(MANIFEST, f"it lists no {name}, which every bundle has")
    for name, row in listed.items():
        if name not in parts:
            told.broken(name, "it is missing")
        elif len(parts[name]) != row["size"] or sha256(parts[name]) != row["sha256"]:
            told.broken(name, "it was changed: it does not have the digest that was sealed")
        elif name in wrong:
            told.broken(name, "the checksum of the container is wrong for it")
        else:
            told.holds(name)
    for name in parts:
        if name not in listed and name not in (MANIFEST, SIGNATURE, STAMP, CLOSING):
            told.broken(name, "it was added: the bundle does not list it")
    if CLOSING in parts and not (SIGNATURE in parts and STAMP in parts):
        told.broken(CLOSING, "it closes a signature and a time stamp, and one of them is not there")
    for name, part in ((MANIFEST, MANIFEST), (SIGNATURE, SIGNED), (STAMP, STAMPED), (CLOSING, CLOSING)):
        if name in wrong:
            told.broken(part, "the checksum of the container is wrong for it: it was changed")


# -- journal: Whether the custody journal is whole: its chain of hashes, and the keys that sign it.

GENESIS = "0" * 64
_ENTRY = {"seq", "time", "who", "kind", "body", "previous", "hash"}
_WITHHELD = {"seq", "previous", "hash", "withheld"}


def check_journal(told: Told, manifest: Json, data: bytes) -> list[Json]:
    """Follow the chain from its beginning. Returns the entries as far as they could be read, without those withheld."""
    said = manifest["journal"]
    lines = data.split(b"\n")
    if lines.pop() != b"":
        told.broken(JOURNAL, "its last line has no end")
    entries: list[Json] = []
    previous, number = GENESIS, 0
    for line in lines:
        entry = load_json(line)
        entries.append(entry)
        withheld = "withheld" in entry
        where = f"entry {entry['seq']}"
        if set(entry) != (_WITHHELD if withheld else _ENTRY):
            told.broken(JOURNAL, f"{where} has other fields than an entry has")
        if entry["seq"] != number + 1:
            told.broken(JOURNAL, f"{where} follows entry {number}: entries were removed, added or swapped")
        elif entry["previous"] != previous:
            told.broken(
                JOURNAL,
                f"{where} does not follow from the one before: something was removed, added or swapped",
            )
        if not withheld and _entry_hash(entry) != entry["hash"]:
            told.broken(JOURNAL, f"{where} was changed: its hash is not that of what it says")
        previous, number = entry["hash"], entry["seq"]
    if len(entries) != said["entries"]:
        told.broken(JOURNAL, f"it has {len(entries)} entries, and {said['entries']} were sealed")
    if previous != said["last"]:
        told.broken(JOURNAL, "it does not end with the entry that was sealed")
    if merkle_root(lines).hex() != said["root"]:
        told.broken(JOURNAL, "its Merkle root is not the one that was sealed")
    held_back = [entry for entry in entries if "withheld" in entry]
    if held_back:
        told.note(
            JOURNAL,
            f"what {len(held_back)} of its {len(entries)} entries say is withheld, because they are of another case; the chain "
            "passes through their hashes, so whoever holds the whole journal can show that nothing else stood there",
        )
    return [entry for entry in entries if "withheld" not in entry]


def check_custody(told: Told, journal: bytes, data: bytes) -> None:
    """Each entry is signed with the key that the entry before it names: keys that were erased one by one as the journal grew."""
    lines = data.split(b"\n")
    if lines.pop() != b"":
        told.broken(CUSTODY, "its last line has no end")
    signed = [load_json(line) for line in lines]
    entries = {entry["seq"]: entry for entry in (load_json(line) for line in journal.splitlines())}
    numbers = [row["seq"] for row in signed]
    if not signed or numbers != list(range(numbers[0], max(entries, default=0) + 1)):
        told.broken(
            CUSTODY, "it does not reach from its first entry to the last of the journal without a hole"
        )
        return
    following = signed[0]["key"]
    for row in signed:
        entry = entries[row["seq"]]
        message = b"whosaw custody 1\n" + bytes.fromhex(entry["hash"]) + bytes.fromhex(row["next"])
        key = ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(row["key"]))
        try:
            key.verify(bytes.fromhex(row["signature"]), message)
        except InvalidSignature:
            told.broken(CUSTODY, f"the signature of entry {row['seq']} does not fit it")
        if row["key"] != following:
            lost = (
                entry.get("kind") == "custody.start"
                and json.loads(entry["body"])["because"] == "the key was lost"
            )
            why = f"entry {row['seq']} is not signed with the key that the entry before it names"
            if lost:
                told.unknown(
                    CUSTODY, f"{why}, for that was lost: whether anything stood between them cannot be told"
                )
            else:
                told.broken(CUSTODY, why)
        following = row["next"]
    told.note(
        CUSTODY,
        f"entries {numbers[0]} to {numbers[-1]} are signed; the first key (root) is {signed[0]['key']}",
    )


def _entry_hash(entry: Json) -> str:
    row = {name: entry[name] for name in ("seq", "time", "who", "kind", "body")}
    return hashlib.sha256(entry["previous"].encode() + canonical(row)).hexdigest()


# -- people: The sets of people that a version counts.


def check_sets(told: Told, number: int, parts: Mapping[str, bytes], recorded: Json | None) -> dict[str, int]:
    """How many people each set of a version holds, after its digest was held against the list and the journal."""
    name = f"scope/{number:04d}.sets.json"
    sizes: dict[str, int] = {}
    if name not in parts:
        return sizes
    with Guard(told, name):
        listed = load_json(parts[name])
        if recorded is not None and {key: row["sha256"] for key, row in listed.items()} != recorded["sets"]:
            told.broken(name, "its sets are not those that the journal records")
        for key, row in listed.items():
            data = parts.get(f"persons/{row['sha256']}")
            if data is None or sha256(data) != row["sha256"]:
                told.broken(name, f"the set {key} is missing or was changed")
                continue
            sizes[key] = roaring_size(data)
            if sizes[key] != row["persons"]:
                told.broken(name, f"the set {key} holds {sizes[key]} people, not {row['persons']}")
    return sizes


def roaring_size(data: bytes) -> int:
    """How many numbers a set holds, from its table of containers (the portable format of Roaring bitmaps)."""
    (cookie,) = struct.unpack_from("<I", data)
    count: int
    if cookie & 0xFFFF == 12347:
        count = (cookie >> 16) + 1
        at = 4 + (count + 7) // 8
    elif cookie == 12346:
        (count,) = struct.unpack_from("<I", data, 4)
        at = 8
    else:
        raise ValueError("a set of people is no Roaring bitmap")
    sizes: tuple[int, ...] = struct.unpack_from(f"<{2 * count}H", data, at)[1::2]
    return sum(sizes) + count  # each is stored as one less than it is


# -- counts: Whether counts contradict themselves or each other.

_UNITS = ("views", "accounts", "persons")


def count_faults(count: Json, where: str) -> Iterator[str]:
    """What one count says that contradicts itself."""
    lower, upper = count["lower"], count["upper"]
    if count["unit"] not in _UNITS or not isinstance(lower, int) or lower < 0:
        yield f"{where}: not a count"
    elif upper is not None and upper < lower:
        yield f"{where}: the lower bound {lower} is above the upper bound {upper}"
    elif count["exact"] is not (upper == lower):
        yield f"{where}: it says exact={count['exact']} of {lower} to {upper}"
    elif upper != lower and not count["reasons"]:
        yield f"{where}: its bounds differ and no reason is given"


def document_faults(document: Json, sizes: Mapping[str, int]) -> Iterator[str]:
    """What a version says that contradicts itself. The counts of one kind bound those of another."""
    total = {count["unit"]: count for count in document["counts"]}
    if set(total) != set(_UNITS) or len(document["counts"]) != 3:
        yield "counts: not one each of views, accounts and persons"
        return
    for unit, count in total.items():
        yield from count_faults(count, unit)
    # an account is a person; nobody is seen without a view only where one view carried several
    if _above(total["accounts"]["lower"], total["persons"]["upper"]):
        yield f"counts: at least {total['accounts']['lower']} accounts, but at most {total['persons']['upper']} persons"
    for kind, rows in document["by"].items() if isinstance(document["by"], dict) else ():
        names = [row["name"] for row in rows]
        if len(set(names)) != len(names):
            yield f"by {kind}: a name stands there twice"
        for row in rows:
            for unit in _UNITS:
                where = f"by {kind}, {row['name']}: {unit}"
                yield from count_faults(row[unit], where)
                if _above(row[unit]["lower"], total[unit]["upper"]):
                    yield f"{where}: at least {row[unit]['lower']}, more than the {total[unit]['upper']} of the whole"
            if row["first"] is not None and row["last"] is not None and row["first"] > row["last"]:
                yield f"by {kind}, {row['name']}: it ends before it begins"
        if kind in ("route", "day", "part"):  # each view is of one of them
            yield from _sum_faults(kind, [row["views"] for row in rows], total["views"])
    yield from _group_faults(document, total["accounts"], sizes)


def _above(lower: int, upper: int | None) -> bool:
    return upper is not None and lower > upper


def _sum_faults(kind: str, rows: Sequence[Json], total: Json) -> Iterator[str]:
    lower = sum(row["lower"] for row in rows)
    uppers = [row["upper"] for row in rows]
    if _above(lower, total["upper"]):
        yield f"by {kind}: views add up to at least {lower}, and the whole is at most {total['upper']}"
    if None not in uppers and total["lower"] > sum(uppers):
        yield f"by {kind}: views add up to at most {sum(uppers)}, and the whole is at least {total['lower']}"


def _group_faults(document: Json, accounts: Json, sizes: Mapping[str, int]) -> Iterator[str]:
    named = sum(group["accounts"] for group in document.get("groups", []))
    held = sizes.get("held")
    if held is not None and document.get("groups") and named != held:
        yield f"groups: they add up to {named} people, and the set of those seen holds {held}"
    whole = named if document.get("groups") else held
    if whole is None:
        return
    if accounts["lower"] > whole:
        yield f"counts: at least {accounts['lower']} accounts, and only {whole} are named"
    if _above(whole, accounts["upper"]):
        yield f"counts: {whole} accounts are named, and there are at most {accounts['upper']}"
    lowered = any(reason["code"] == "honest-among-them" for reason in accounts["reasons"])
    if accounts["lower"] != whole and not lowered:
        yield f"counts: {whole} accounts are named, and the lower bound is {accounts['lower']}"


# -- versions: Whether each version of the case is the one that the journal recorded.


def check_versions(told: Told, manifest: Json, parts: Mapping[str, bytes], entries: Iterable[Json]) -> None:
    """Every version is the one that the journal recorded when it was made."""
    recorded: dict[int, Json] = {}
    for entry in entries:
        body = json.loads(entry["body"]) if entry["kind"] == "scope.version" else {}
        if body.get("case") == manifest["case"]:
            recorded[int(body["version"])] = body
    known = int(manifest["versions"])
    if sorted(recorded) != list(range(1, known + 1)):
        numbers = ", ".join(str(each) for each in sorted(recorded)) or "none"
        told.broken(MANIFEST, f"it holds versions 1 to {known}, and the journal records {numbers}")
    for number in range(1, known + 1):
        name = f"scope/{number:04d}.json"
        if name not in parts:
            continue
        with Guard(told, name):
            document = load_json(parts[name])
            if document["case"] != manifest["case"] or document["version"] != number:
                told.broken(name, "it is of another case or version")
            if number in recorded and sha256(parts[name]) != recorded[number]["document"]:
                told.broken(name, "it is not the version that the journal records: its digest is another")
            if number in recorded and document.get("final") != recorded[number]["final"]:
                told.broken(name, "the journal says another thing of its being final")
            _check_listed(told, number, parts, recorded.get(number))
            sizes = check_sets(told, number, parts, recorded.get(number))
            for fault in document_faults(document, sizes):
                told.broken(name, fault)


def _check_listed(told: Told, number: int, parts: Mapping[str, bytes], recorded: Json | None) -> None:
    """The list of what the ledger held when a version was made is the one that the journal records."""
    name = f"scope/{number:04d}.inputs.json"
    if name in parts and recorded is not None and sha256(parts[name]) != recorded["inputs"]:
        told.broken(name, "it is not the list of inputs that the journal records")


# -- ledger: Whether inputs, ledger, findings and configuration agree, and no line is lost.


def check_findings(told: Told, data: bytes) -> None:
    """No count of a finding contradicts itself."""
    findings = load_json(data)
    if not isinstance(findings, list):
        raise TypeError("no list of findings")
    for finding in findings:
        for count in finding["counts"]:
            for fault in count_faults(count, f"{finding['id']}: {count['unit']}"):
                told.broken("findings.json", fault)


def check_inputs(told: Told, parts: Mapping[str, bytes]) -> None:
    """No line is lost: lines = events + rejects + comments + continued lines, for every content and altogether."""
    names = ("lines", "events", "rejects", "comments", "continued", "duplicates", "views")
    total = dict.fromkeys(names, 0)
    for content in load_json(parts["inputs.json"])["contents"]:
        for name in names:
            if sum(segment[name] for segment in content["segments"]) != content[name]:
                told.broken("inputs.json", f"{content['name']}: its segments do not add up to its {name}")
            total[name] += content[name]
        parted = sum(content[name] for name in names[1:5])
        if content["lines"] != parted:
            why = f"{content['name']}: {content['lines']} lines, of which {parted} are accounted for"
            told.broken("inputs.json", why)
    with Guard(told, "ledger.json"):
        ledger = load_json(parts["ledger.json"])
        for name in names:
            if ledger["totals"][name] != total[name]:
                why = f"it counts {ledger['totals'][name]} {name}, and its inputs have {total[name]}"
                told.broken("ledger.json", why)
        if sum(row["views"] for row in ledger["routes"]) != ledger["views"]:
            told.broken("ledger.json", "the views of its routes do not add up")


def check_configuration(told: Told, configuration: Json, parts: Mapping[str, bytes]) -> None:
    """The items and the map are those that were in force."""
    for row in configuration["items"]:
        name = f"items/{row['name']}"
        if name in parts and sha256(parts[name]) != row["sha256"]:
            told.broken(name, "it is not the item that was in force")
    if ("map.toml" in parts) is (configuration["map"] is None):
        told.broken("configuration.json", "it says of the map what is not so")


# -- whole_bundle: Examines a whole bundle: one check after the other.


def verify(
    data: bytes,
    *,
    signer: str | None = None,
    trust: Sequence[x509.Certificate] = (),
    stamp_trust: Sequence[x509.Certificate] = (),
    now: datetime,
) -> Verdict:
    """Examine a bundle. Never raises for what stands in it.

    `signer` is the fingerprint of the key it must be signed by, `trust` and `stamp_trust` are the roots that certificates of
    signers and of time stamp authorities must lead to, `now` an aware datetime for certificates without a proven time.
    """
    told = Told()
    whole = sha256(data)
    try:
        parts, wrong = unpack(data)
        told.holds(CONTAINER)
        if list(parts) != in_order(parts):
            told.broken(CONTAINER, "its parts do not stand in their one order")
    except MALFORMED as fault:
        told.broken(CONTAINER, str(fault))
        return Verdict(bundle=whole, case=None, sealed=None, signer=None, stamped=None, parts=told.parts())
    manifest: Json | None = None
    if MANIFEST not in parts:
        told.broken(MANIFEST, "it is missing")
    else:
        with Guard(told, MANIFEST):
            manifest = _manifest(told, parts[MANIFEST])
    if manifest is not None and manifest["format"] != FORMAT:
        why = f"the bundle has the format {manifest['format']}, and this program reads {FORMAT}: use a newer one"
        told.unknown(MANIFEST, why)
        return Verdict(
            bundle=whole,
            case=None,
            sealed=None,
            signer=None,
            stamped=None,
            parts=told.parts(),
            examined=False,
        )
    by, stamped = None, None
    if manifest is not None:
        by, stamped = _check_all(told, manifest, parts, wrong, signer, trust, stamp_trust, now)
    return Verdict(
        bundle=whole,
        case=_text(manifest, "case"),
        sealed=_text(manifest, "sealed"),
        signer=by,
        stamped=stamped,
        parts=told.parts(),
    )


def _manifest(told: Told, data: bytes) -> Json | None:
    manifest: Json = load_json(data)
    if manifest["kind"] != KIND or not isinstance(manifest["format"], int):
        told.broken(MANIFEST, "it is not that of an evidence bundle")
        return None
    told.holds(MANIFEST)
    return manifest


def _text(manifest: Json | None, name: str) -> str | None:
    value = manifest.get(name) if manifest is not None else None
    return value if isinstance(value, str) else None


def _check_all(
    told: Told,
    manifest: Json,
    parts: Mapping[str, bytes],
    wrong: Sequence[str],
    signer: str | None,
    trust: Sequence[x509.Certificate],
    stamp_trust: Sequence[x509.Certificate],
    now: datetime,
) -> tuple[str | None, datetime | None]:
    by, stamped = None, None
    with Guard(told, STAMPED):
        stamped = check_stamp(told, manifest, parts, stamp_trust)
    with Guard(told, SIGNED):
        by = check_signature(told, manifest, parts, signer=signer, trust=trust, stamped=stamped, now=now)
    stamped = None if told.is_broken(STAMPED) else stamped
    with Guard(told, MANIFEST):
        check_digests(told, manifest, parts, wrong)
    entries: list[Json] = []
    if JOURNAL in parts:
        with Guard(told, JOURNAL):
            entries = check_journal(told, manifest, parts[JOURNAL])
    checks: list[tuple[tuple[str, ...], Callable[[], None]]] = [
        ((JOURNAL,), lambda: check_versions(told, manifest, parts, entries)),
        ((CUSTODY, JOURNAL), lambda: check_custody(told, parts[JOURNAL], parts[CUSTODY])),
        (("findings.json",), lambda: check_findings(told, parts["findings.json"])),
        (("inputs.json", "ledger.json"), lambda: check_inputs(told, parts)),
        (
            ("configuration.json",),
            lambda: check_configuration(told, load_json(parts["configuration.json"]), parts),
        ),
    ]
    for needed, check in checks:
        if all(name in parts for name in needed):
            with Guard(told, needed[0]):
                check()
    return by, stamped


# -- command: The command line: whom to trust, and the verdict for people.


def load_signer(text: str) -> str:
    """A fingerprint from itself, or from a file with the public key or certificate in PEM."""
    if re.fullmatch(r"[0-9a-fA-F]{64}", text):
        return text.lower()
    pem = Path(text).read_bytes()
    if b"BEGIN CERTIFICATE" in pem:
        return fingerprint(x509.load_pem_x509_certificate(pem).public_key())
    return fingerprint(load_pem_public_key(pem))


def load_trust(files: Iterable[str | Path]) -> list[x509.Certificate]:
    """All certificates of these PEM files."""
    return [each for file in files for each in x509.load_pem_x509_certificates(Path(file).read_bytes())]


def as_text(verdict: Verdict) -> str:
    """The verdict for people: one line for each part, and below it why."""
    lines = [f"{verdict.answer}: {verdict.bundle}"]
    if verdict.case is not None:
        lines.append(f"case {verdict.case!r}, by its own word sealed {verdict.sealed}")
    if verdict.stamped is not None:
        lines.append(f"sealed no later than {instant(verdict.stamped)}, by a trusted time stamp")
    folders: dict[str, int] = {}
    for part in verdict.parts:
        folder, slash, _ = part.name.partition("/")
        if slash and folder != "scope" and part.answer == HOLDS:
            folders[folder] = folders.get(folder, 0) + 1
            continue
        lines.append(f"  {part.answer:<12} {part.name}")
        lines.extend(f"               {why}" for why in part.why)
    lines.extend(f"  {HOLDS:<12} {folder} ({count} parts)" for folder, count in folders.items())
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """`python verify.py BUNDLE`. Exit 0: it holds; 1: something is broken; 2: it could not be examined; 3: it cannot be told."""
    parser = argparse.ArgumentParser(
        prog="verify.py", description="Says whether an evidence bundle of whosaw holds."
    )
    parser.add_argument("bundle", type=Path)
    parser.add_argument(
        "--signer", help="who must have signed: SHA-256 of a public key, or a PEM file with it"
    )
    parser.add_argument(
        "--trust", action="append", default=[], help="PEM file with roots for certificates of signers"
    )
    parser.add_argument(
        "--stamp-trust", action="append", default=[], help="PEM file with roots of time stamp authorities"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked = parser.parse_args(arguments)
    try:
        verdict = verify(
            asked.bundle.read_bytes(),
            signer=load_signer(asked.signer) if asked.signer else None,
            trust=load_trust(asked.trust),
            stamp_trust=load_trust(asked.stamp_trust),
            now=datetime.now(UTC),
        )
    except (OSError, ValueError, UnsupportedAlgorithm) as fault:
        sys.stderr.write(f"verify.py: {fault}\n")
        return 2
    document = json.dumps(verdict.as_json(), sort_keys=True, indent=2, ensure_ascii=False) + "\n"
    sys.stdout.write(document if asked.json else as_text(verdict))
    return verdict.exit_code


# -- __main__: Runs the command.

if __name__ == "__main__":
    sys.exit(main())
