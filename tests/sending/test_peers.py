"""A server that answers every way a server can: what is known is written as known, what is not is named and never sent again by itself."""

from __future__ import annotations

import itertools
import os
import ssl
from collections import Counter
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.sending.peer import Peer
from tests.sending.shop import NOW, PEOPLE, Shop

from whosaw.core.errors import WhosawError
from whosaw.store.sending.sending_store import SendingStore


def of(to: str) -> int:
    return int(to[1 : to.index("@")])


def states(shop: Shop) -> dict[str, int]:
    (mail,) = shop.status().channels
    return dict(mail.states)


@pytest.mark.parametrize("at_once", [True, False])
def test_each_answer_has_its_state_and_a_lost_reply_is_unknown_for_good(ready: Shop, at_once: bool) -> None:
    answers = [
        "250 ok",
        "550 5.1.1 no such user",
        "rcpt:550 5.1.1 <p2@mail2.example.org> unknown",
        "drop-before",
        "drop-after",
        "554 5.7.1 no",
    ]

    with Peer(lambda to, times: answers[of(to) % 6], at_once=at_once) as peer:
        ready.send(peer.port, stop=_never())
        assert states(ready) == {"accepted": 10, "bounced": 30, "unknown": 20}
        assert ready.counts() == {"waiting": 0, "sent": 10, "failed": 30, "excluded": 0, "unknown": 20}
        before = Counter(peer.seen)
        ready.send(peer.port, stop=_never())
        assert peer.seen == before
    store = SendingStore(ready.workspace)
    kept = {each.reply for each in store.attempts(1)}
    store.close()
    assert "5.1.1 <...> unknown" in kept
    assert not any("@" in (each or "") for each in kept)


def _never():
    from whosaw.sending.sender import StopRule

    return StopRule(share=1.0)


def test_a_greylisted_message_goes_a_second_time_and_is_taken_once(ready: Shop) -> None:
    with Peer(lambda to, times: "rcpt:451 4.7.1 come back" if times == 1 else "250 ok") as peer:
        ready.send(peer.port)
        assert Counter(to for to, _, _ in peer.taken) == dict.fromkeys(
            (row["email"] for row in ready.usual_book()), 1
        )
    assert ready.counts()["sent"] == PEOPLE
    assert ready.clock.now() >= NOW + timedelta(minutes=5)


def test_an_hour_of_later_ends_with_everybody_told_and_is_never_called_done_before(ready: Shop) -> None:
    until = NOW + timedelta(hours=1)
    with Peer(lambda to, times: "454 4.7.0 throttled" if ready.clock.now() < until else "250 ok") as peer:
        done = ready.send(peer.port, wait=False)
        assert done.until is not None
        assert not ready.status().done
        assert ready.counts() == {"waiting": PEOPLE, "sent": 0, "failed": 0, "excluded": 0, "unknown": 0}
        ready.send(peer.port)
        assert ready.status().done
        assert len(peer.taken) == PEOPLE
    assert ready.counts()["sent"] == PEOPLE
    assert until < ready.clock.now() < until + timedelta(hours=2)


def test_five_days_of_later_are_the_end(ready: Shop) -> None:
    with Peer(lambda to, times: "450 4.2.2 full" if of(to) == 7 else "250 ok") as peer:
        ready.send(peer.port)
    assert ready.counts() == {"waiting": 0, "sent": PEOPLE - 1, "failed": 1, "excluded": 0, "unknown": 0}
    assert states(ready) == {"accepted": PEOPLE - 1, "undeliverable": 1}
    assert ready.clock.now() - NOW >= timedelta(days=5)


def test_a_server_that_hangs_leaves_the_message_unknown_and_does_not_hold_up_the_rest(ready: Shop) -> None:
    with Peer(lambda to, times: "hang" if of(to) == 7 else "250 ok") as peer:
        ready.send(peer.port, seconds=0.5)
    assert ready.counts() == {"waiting": 0, "sent": PEOPLE - 1, "failed": 0, "excluded": 0, "unknown": 1}


def test_too_many_refusals_for_good_stop_all_until_a_person_lets_it_go_on(ready: Shop) -> None:
    from whosaw.sending.sender import StopRule

    rule = StopRule(share=0.2, least=5)
    with Peer(lambda to, times: "550 5.1.1 no") as peer:
        done = ready.send(peer.port, stop=rule)
        assert "refusals for good" in done.stopped
        failed = ready.counts()["failed"]
        assert 5 <= failed < PEOPLE / 2
        with pytest.raises(WhosawError, match="stopped by itself"):
            ready.send(peer.port, stop=rule)
    ready.release("rest")
    with Peer() as peer:
        ready.send(peer.port, stop=rule)
        assert len(peer.taken) == PEOPLE - failed


def test_a_sending_stops_while_replies_of_others_are_on_their_way_to_the_disk(
    ready: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from whosaw.sending.sender import StopRule

    really = SendingStore.flush

    def slow_disk(store: SendingStore) -> None:
        with (ready.root / "much").open("wb") as handle:  # which has to be there first
            handle.write(bytes(8 << 20))
            os.fsync(handle.fileno())
        really(store)

    monkeypatch.setattr(SendingStore, "flush", slow_disk)
    with Peer(lambda to, times: "550 5.1.1 no") as peer:
        done = ready.send(peer.port, stop=StopRule(share=0.2, least=5), connections=8)
    assert "refusals for good" in done.stopped
    assert ready.counts()["unknown"] == 0


def test_a_server_without_tls_gets_nothing_unless_it_was_said(ready: Shop) -> None:
    with Peer() as peer:
        with pytest.raises(WhosawError, match="no TLS"):
            ready.send(peer.port, clear=False)
        assert peer.taken == []
        assert ready.counts()["waiting"] == PEOPLE
        ready.send(peer.port)
        assert len(peer.taken) == PEOPLE


def test_by_starttls_everybody_is_told_and_a_certificate_of_somebody_else_stops_all(ready: Shop) -> None:
    own, trusted = _certificate(ready.root)
    with Peer(lambda to, times: "550 5.1.1 no" if of(to) == 2 else "250 ok", tls=own) as peer:
        with pytest.raises(WhosawError, match="does not hold"):
            ready.send(peer.port, clear=False)
        assert peer.taken == []
        ready.send(peer.port, clear=False, context=trusted)
        assert len(peer.taken) == PEOPLE - 1
        assert peer.in_clear == 0
    assert ready.counts() == {"waiting": 0, "sent": PEOPLE - 1, "failed": 1, "excluded": 0, "unknown": 0}


def _certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server on loopback shows, and a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "peer.example.org")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=3650))
        .not_valid_after(NOW + timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    shown, secret = folder / "cert.pem", folder / "key.pem"
    shown.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(shown, secret)
    return own, ssl.create_default_context(cafile=str(shown))


def test_a_server_that_is_away_costs_nobody_anything(ready: Shop) -> None:
    with Peer() as peer:
        port = peer.port
    done = ready.send(port, wait=False)
    assert "cannot be reached" in done.away
    assert ready.counts()["waiting"] == PEOPLE
    with Peer() as peer:
        ready.send(peer.port)
        assert len(peer.taken) == PEOPLE


def test_quiet_hours_are_those_where_the_recipient_lives(shop: Shop) -> None:
    from whosaw.sending.pace import Quiet

    rows = shop.usual_book()
    for row in rows[:20]:
        row["zone"] = "America/Los_Angeles"  # four in the morning there at noon UTC
    shop.freeze(rows)
    shop.release()
    with Peer() as peer:
        shop.send(peer.port, quiet=Quiet.parse("21:00-08:00"), wait=False)
        assert len(peer.taken) == PEOPLE - 20
        assert shop.counts()["waiting"] == 20
        shop.send(peer.port, quiet=Quiet.parse("21:00-08:00"))
        assert len(peer.taken) == PEOPLE
    assert shop.clock.now() == NOW.replace(hour=16)


def test_one_domain_gets_no_more_in_a_minute_than_was_said(ready: Shop) -> None:
    came: list[tuple[str, float]] = []

    def rule(to: str, times: int) -> str:
        came.append((to.partition("@")[2], ready.clock.now().timestamp()))
        return "250 ok"

    with Peer(rule) as peer:
        ready.send(peer.port, a_minute=5)
        assert len(peer.taken) == PEOPLE
    for domain in {each for each, _ in came}:
        times = sorted({at for each, at in came if each == domain})
        assert all(later - at >= 12 for at, later in itertools.pairwise(times))
