"""When the bundle was sealed: its time stamp."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from cryptography import x509

from .answers import Told, instant
from .canonical_json import Json
from .digests import stamp_message
from .names import MANIFEST, SIGNATURE, STAMP, STAMPED
from .time_stamps import read_stamp, stamp_fault

__all__ = ["check_stamp"]

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
