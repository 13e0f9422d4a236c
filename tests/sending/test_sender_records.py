"""SPF, DKIM and DMARC from pasted records: examples after RFC 7208 (appendix A), 6376 and 7489, and what cannot be told is not told."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from whosaw.sending.sender_records import check_sender, read_records

A = 'example.org. 3600 IN TXT "v=spf1 {}"\n'


def key(bits: int) -> str:
    made = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    return base64.b64encode(made.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def spf(record: str, more: str = "", server: str = "192.0.2.10") -> str:
    first, *_ = check_sender(
        "example.org", read_records(A.format(record) + more), servers=[server], selectors=[]
    )
    return first.answer


@pytest.mark.parametrize(
    ("record", "more", "answer"),
    [
        ("+all", "", "holds"),
        ("-all", "", "fails"),
        ("~all", "", "fails"),
        ("?all", "", "cannot tell"),
        ("ip4:192.0.2.0/24 -all", "", "holds"),
        ("ip4:192.0.2.11 -all", "", "fails"),
        ("-ip4:192.0.2.10 +all", "", "fails"),
        ("ip6:2001:db8::/32 -all", "", "fails"),
        ("a -all", "example.org. IN A 192.0.2.10\n", "holds"),
        ("a -all", "example.org. IN A 192.0.2.11\n", "fails"),
        ("a:mail.example.org -all", "", "cannot tell"),
        ("mx -all", "example.org. IN MX 10 mail.example.org.\nmail.example.org. IN A 192.0.2.10\n", "holds"),
        ("include:_spf.example.com -all", '_spf.example.com. IN TXT "v=spf1 ip4:192.0.2.10 -all"\n', "holds"),
        ("include:_spf.example.com -all", '_spf.example.com. IN TXT "v=spf1 ip4:192.0.2.77 -all"\n', "fails"),
        ("include:_spf.example.com -all", "", "cannot tell"),
        ("redirect=_spf.example.com", '_spf.example.com. IN TXT "v=spf1 ip4:192.0.2.10 -all"\n', "holds"),
        ("ip4:nonsense -all", "", "fails"),
        ("", "", "cannot tell"),
        ("-all", A.format("+all"), "fails"),  # two records are an error
        ("include:example.org -all", "", "fails"),  # asks itself more than ten times
    ],
)
def test_spf(record: str, more: str, answer: str) -> None:
    assert spf(record, more) == answer


def dkim(text: str) -> str:
    records = read_records(f'k1._domainkey.example.org. IN TXT "{text}"\n') if text else {}
    return check_sender("example.org", records, servers=[], selectors=["k1"])[1].answer


def test_dkim() -> None:
    good = key(2048)
    split = f'v=DKIM1; k=rsa; p={good[:200]}" "{good[200:]}'
    assert dkim(split) == "holds"
    assert dkim(f"v=DKIM1; p={good}; t=y") == "holds"
    assert dkim("v=DKIM1; p=") == "fails"
    assert dkim("v=DKIM1; p=AAAA") == "fails"
    assert dkim(f"v=DKIM2; p={good}") == "fails"
    assert dkim("") == "cannot tell"
    raw = base64.b64encode(bytes(range(32))).decode()
    assert dkim(f"v=DKIM1; k=ed25519; p={raw}") == "holds"


@pytest.mark.parametrize(
    ("dmarc", "sent", "bounces", "answer"),
    [
        ("v=DMARC1; p=reject", "ip4:192.0.2.10 -all", "", "holds"),
        ("v=DMARC1; p=none", "-all", "", "fails"),
        ("v=DMARC1; p=maybe", "ip4:192.0.2.10 -all", "", "fails"),
        ("", "ip4:192.0.2.10 -all", "", "cannot tell"),
        ("v=DMARC1; p=reject", "ip4:192.0.2.10 -all", "mailer.example.com", "fails"),
        ("v=DMARC1; p=reject; aspf=s", "ip4:192.0.2.10 -all", "b.example.org", "fails"),
        ("v=DMARC1; p=reject", "ip4:192.0.2.10 -all", "b.example.org", "holds"),
    ],
)
def test_dmarc_needs_one_of_both_in_line(dmarc: str, sent: str, bounces: str, answer: str) -> None:
    back = bounces or "example.org"
    text = f'{back}. IN TXT "v=spf1 {sent}"\nk1._domainkey.example.org. IN TXT "v=DKIM1; p="\n'
    text += f'_dmarc.example.org. IN TXT "{dmarc}"\n' if dmarc else ""
    checks = check_sender(
        "example.org", read_records(text), servers=["192.0.2.10"], selectors=["k1"], bounces=bounces
    )
    assert checks[-1].answer == answer, checks


def test_a_good_signature_is_enough_and_the_record_of_the_parent_counts() -> None:
    text = f'k1._domainkey.notice.example.org. IN TXT "v=DKIM1; p={key(1024)}"\n_dmarc.example.org. IN TXT "v=DMARC1; p=quarantine"\n'
    checks = check_sender("notice.example.org", read_records(text), servers=["192.0.2.10"], selectors=["k1"])
    assert [each.answer for each in checks] == ["cannot tell", "holds", "holds"]
