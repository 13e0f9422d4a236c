"""Examines a whole bundle: one check after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from cryptography import x509

from .answers import MALFORMED, Guard, Told, Verdict
from .canonical_json import Json, load_json
from .container import in_order, unpack
from .digests import sha256
from .journal import check_custody, check_journal
from .ledger import check_configuration, check_findings, check_inputs
from .listed_parts import check_digests
from .names import CONTAINER, CUSTODY, FORMAT, JOURNAL, KIND, MANIFEST, SIGNED, STAMPED
from .sealed_by import check_signature
from .sealed_when import check_stamp
from .versions import check_versions

__all__ = ["verify"]


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
