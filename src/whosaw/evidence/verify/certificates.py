"""Whether a certificate leads to one that is trusted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

__all__ = ["chain_fault", "check_issued"]


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
