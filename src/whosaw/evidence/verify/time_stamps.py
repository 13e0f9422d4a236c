"""Reads time stamps (RFC 3161), and what of CMS (RFC 5652) they need."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from .answers import MALFORMED
from .certificates import chain_fault, check_issued
from .der import GENERALIZED_TIME, INTEGER, OCTETS, SEQUENCE, SET, Value, oid, one
from .signatures import check_raw

__all__ = ["Stamp", "read_stamp", "stamp_fault"]

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
