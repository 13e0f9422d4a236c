"""The question to a time stamp authority, byte for byte."""

from __future__ import annotations

import hashlib

import pytest
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from whosaw.evidence.time_stamp import request_of

DIGEST = bytes(range(32))


@pytest.mark.parametrize(
    ("nonce", "written"),
    [  # X.690, 8.3: as few bytes as hold the number and its sign
        (0, "02 01 00"),
        (0x7F, "02 01 7f"),
        (0x80, "02 02 00 80"),
        (0xFFFFFFFFFFFFFFFF, "02 09 00 ff ff ff ff ff ff ff ff"),
    ],
)
def test_a_request_is_written_as_the_standard_has_it(nonce: int, written: str) -> None:
    told = bytes.fromhex(written)
    expected = bytes.fromhex(
        f"30 {3 + 51 + len(told) + 3:02x}"  # TimeStampReq, RFC 3161, 2.4.1
        "02 01 01"  # version v1
        "30 31"  # MessageImprint
        "30 0d 06 09 60 86 48 01 65 03 04 02 01 05 00"  # id-sha256 with NULL, RFC 5754, 2
        f"04 20 {DIGEST.hex()}"
        f"{written}"  # nonce
        "01 01 ff"  # certReq TRUE
    )
    assert request_of(DIGEST, nonce) == expected


def test_another_maker_of_requests_writes_the_same() -> None:
    for number in range(20):
        message = str(number).encode()
        other = TimestampRequestBuilder(data=message, hash_algorithm=HashAlgorithm.SHA256).build()
        assert request_of(hashlib.sha256(message).digest(), other.nonce) == other.as_bytes()
