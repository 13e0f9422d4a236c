"""One bundle for every flaw: the verifier names each and never says that such a bundle holds."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import random
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.evidence.authority import issue, serving, write_pem
from tests.evidence.sealed_case import NOW, Forger

from whosaw.core.canonical_json import canonical_json
from whosaw.evidence import verify
from whosaw.evidence.keys import CertificateSigner, KeySigner, load_signer, make_key
from whosaw.evidence.time_stamp import Authority
from whosaw.evidence.verify.counts import document_faults

JOURNAL = "journal.jsonl"


def _said(verdict: verify.Verdict) -> dict[str, str]:
    return {part.name: "; ".join(part.why) for part in verdict.parts if part.answer == verify.BROKEN}


def _broken(verdict: verify.Verdict, part: str, why: str) -> None:
    assert verdict.answer == verify.BROKEN
    assert verdict.exit_code == 1
    assert part in _said(verdict), verify.as_text(verdict)
    assert why in _said(verdict)[part], _said(verdict)


def test_the_bundle_of_which_all_are_made_holds(sealed: Any) -> None:
    verdict = sealed.verify(sealed.bundle)
    assert verdict.answer == verify.HOLDS, verify.as_text(verdict)
    assert verdict.exit_code == 0
    assert verdict.signer == sealed.signer
    assert verdict.stamped is not None


def _of_unknown_kind(sealed: Any) -> bytes:
    """A forgery whose signature says that it is of a kind which nobody can check."""
    told = sealed.forger.manifest()
    told["signer"]["kind"] = "quantum"
    told["case"] = "forged"
    signature = canonical_json({"kind": "quantum", "signature": "AAAA", "key": "AAAA"})
    return verify.pack(
        {**sealed.forger.parts, verify.MANIFEST: canonical_json(told), verify.SIGNATURE: signature}
    )


def test_a_signature_of_an_unknown_kind_is_broken_where_a_signer_is_demanded(sealed: Any) -> None:
    forged = _of_unknown_kind(sealed)
    for demanded in ({"signer": sealed.signer}, {"trust": [sealed.ca.certificate]}):
        _broken(
            verify.verify(forged, now=NOW, **demanded),
            verify.SIGNED,
            "of a kind that this program does not know",
        )
    undemanded = {part.name: part.answer for part in verify.verify(forged, now=NOW).parts}
    assert undemanded[verify.SIGNED] == verify.CANNOT_TELL


def test_what_cannot_be_told_has_an_exit_code_of_its_own(sealed: Any) -> None:
    verdict = verify.verify(sealed.bundle, now=NOW)  # nobody said whom to trust
    assert (verdict.answer, verdict.exit_code) == (verify.CANNOT_TELL, 3)


def test_parts_in_another_order_are_named(sealed: Any) -> None:
    parts = list(sealed.forger.parts.items())
    swapped = [parts[1], parts[0], *parts[2:]]
    for order in (parts[::-1], swapped, [*parts[:-2], parts[-1], parts[-2]]):
        _broken(sealed.verify(verify.pack(dict(order))), verify.CONTAINER, "order")


def test_a_byte_changed_in_any_part_is_named(sealed: Any) -> None:
    forger = sealed.forger
    alike = [name for name in forger.parts if name.startswith("items/")][5:]  # a hundred parts of one kind
    for name, data in forger.parts.items():
        if not data or name in alike:
            continue
        at = len(data) // 2
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        part = {verify.SIGNATURE: verify.SIGNED, verify.STAMP: verify.STAMPED}.get(name, name)
        start = sealed.bundle.index(name.encode() + data) + len(name)
        in_place = sealed.bundle[:start] + changed + sealed.bundle[start + len(data) :]
        for whole in (forger.with_part(name, changed), in_place):
            verdict = sealed.verify(whole)
            assert verdict.answer == verify.BROKEN, name
            named = set(_said(verdict))
            assert part in named or (name == verify.MANIFEST and verify.SIGNED in named), (name, named)


def test_a_byte_changed_anywhere_is_never_passed_over(sealed: Any) -> None:
    dice = random.Random(6)
    for at in dice.sample(range(len(sealed.bundle)), 60) + list(range(-24, 0)):
        changed = bytearray(sealed.bundle)
        changed[at] ^= 1 << dice.randrange(8)
        assert sealed.verify(bytes(changed)).answer == verify.BROKEN, at


def test_a_missing_part_is_named(sealed: Any) -> None:
    forger = sealed.forger
    for name in [each for each in forger.parts if not each.startswith("items/d")]:
        rest = {each: data for each, data in forger.parts.items() if each != name}
        verdict = sealed.verify(verify.pack(rest))
        part = {verify.SIGNATURE: verify.SIGNED, verify.STAMP: verify.STAMPED}.get(name, name)
        assert part in _said(verdict), name
        assert "missing" in _said(verdict)[part] or "removed" in _said(verdict)[part]


def test_an_added_part_is_named(sealed: Any) -> None:
    _broken(
        sealed.verify(sealed.forger.with_part("scope/0003.json", b"{}")), "scope/0003.json", "it was added"
    )


def test_a_part_that_the_list_leaves_out_is_named(sealed: Any) -> None:
    def leave_out(told: dict[str, Any]) -> None:
        told["parts"] = [row for row in told["parts"] if row["name"] != "findings.json"]

    verdict = sealed.verify(sealed.forger.with_manifest(leave_out))
    _broken(verdict, verify.MANIFEST, "it lists no findings.json")
    _broken(verdict, verify.SIGNED, "it does not fit bundle.json")


# -- the journal, flawed by the sealer himself: every digest and the signature are right


def _entries(forger: Forger) -> list[dict[str, Any]]:
    return [json.loads(line) for line in forger.parts[JOURNAL].splitlines()]


def _lines(entries: list[dict[str, Any]]) -> bytes:
    return b"".join(canonical_json(entry) + b"\n" for entry in entries)


def _renumbered(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**entry, "seq": at} for at, entry in enumerate(entries, start=1)]


def _rechained(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries with a chain made anew, as only somebody who writes the whole journal anew can."""
    previous, out = "0" * 64, []
    for entry in entries:
        row = {name: entry[name] for name in ("seq", "time", "who", "kind", "body")}
        digest = hashlib.sha256(previous.encode() + canonical_json(row)).hexdigest()
        out.append({**row, "previous": previous, "hash": digest})
        previous = digest
    return out


def _swapped(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [entries[0], entries[2], entries[1], *entries[3:]]


JOURNAL_FLAWS: dict[str, tuple[Callable[[list[dict[str, Any]]], list[dict[str, Any]]], str]] = {
    "the first removed": (lambda entries: entries[1:], "entry 2 follows entry 0"),
    "one removed": (lambda entries: [entries[0], *entries[2:]], "entry 3 follows entry 1"),
    "one removed, numbers closed up": (
        lambda entries: _renumbered([entries[0], *entries[2:]]),
        "entry 2 does not follow from the one before",
    ),
    "two swapped": (_swapped, "entry 3 follows entry 1"),
    "two swapped, numbers put right": (lambda entries: _renumbered(_swapped(entries)), "entry 2 was changed"),
    "one changed": (
        lambda entries: [entries[0], {**entries[1], "who": "nobody"}, *entries[2:]],
        "entry 2 was changed",
    ),
    "one with more in it": (
        lambda entries: [{**entries[0], "more": 1}, *entries[1:]],
        "entry 1 has other fields",
    ),
}


@pytest.mark.parametrize("flaw", JOURNAL_FLAWS)
def test_a_flawed_journal_is_named_even_when_its_sealer_signed_it(sealed: Any, flaw: str) -> None:
    change, why = JOURNAL_FLAWS[flaw]
    forger = sealed.forger
    data = forger.sealed_again({JOURNAL: _lines(change(_entries(forger)))}, sealed.own)
    _broken(sealed.verify(data), JOURNAL, why)


def test_a_journal_cut_short_is_named(sealed: Any) -> None:
    forger = sealed.forger
    verdict = sealed.verify(forger.redigested({JOURNAL: _lines(_entries(forger)[:-1])}))
    _broken(verdict, JOURNAL, "entries, and 4 were sealed")
    _broken(verdict, JOURNAL, "Merkle root")


def _custody(sealed: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in sealed.forger.parts[verify.CUSTODY].splitlines()]


def _rewritten_with_the_last_key(sealed: Any) -> dict[str, bytes]:
    """What a sealer can do who has the key of today alone: other words in an early entry, every hash and signature made anew."""
    entries = [json.loads(line) for line in sealed.forger.parts[JOURNAL].splitlines()]
    rows, previous, key = _custody(sealed), verify.GENESIS, Ed25519PrivateKey.generate()
    entries[1]["who"] = "somebody else"
    for entry, row in zip(entries, rows, strict=True):
        told = {name: entry[name] for name in ("seq", "time", "who", "kind", "body")}
        digest = hashlib.sha256(previous.encode() + canonical_json(told)).hexdigest()
        entry.update(previous=previous, hash=digest)
        if row["seq"] >= 2:
            following = Ed25519PrivateKey.generate()
            named = following.public_key().public_bytes_raw()
            message = b"whosaw custody 1\n" + bytes.fromhex(digest) + named
            row.update(
                key=key.public_key().public_bytes_raw().hex(),
                next=named.hex(),
                signature=key.sign(message).hex(),
            )
            key = following
        previous = digest
    return {JOURNAL: _lines(entries), verify.CUSTODY: _lines(rows)}


def test_the_signatures_of_the_journal_are_checked(sealed: Any) -> None:
    (part,) = [each for each in sealed.verify(sealed.bundle).parts if each.name == verify.CUSTODY]
    assert part.answer == verify.HOLDS
    assert part.why[0].endswith(f"the first key (root) is {_custody(sealed)[0]['key']}")
    rows = _custody(sealed)
    swapped = [{**rows[0], "signature": rows[1]["signature"]}, *rows[1:]]
    flaws = {
        "the signature of entry 1 does not fit": {verify.CUSTODY: _lines(swapped)},
        "without a hole": {verify.CUSTODY: _lines(rows[:-1])},
        "entry 2 is not signed with the key that": _rewritten_with_the_last_key(sealed),
    }
    for why, changed in flaws.items():
        _broken(sealed.verify(sealed.forger.sealed_again(changed, sealed.own)), verify.CUSTODY, why)


def test_a_version_that_the_journal_does_not_know_is_named(sealed: Any) -> None:
    forger = sealed.forger
    entries = _rechained([entry for entry in _entries(forger) if 'version":2' not in entry["body"]])
    data = forger.sealed_again({JOURNAL: _lines(_rechained(_renumbered(entries)))}, sealed.own)
    _broken(sealed.verify(data), verify.MANIFEST, "versions 1 to 2, and the journal records 1")


# -- counts


def _changed(forger: Forger, change: Callable[[dict[str, Any]], None]) -> bytes:
    document = json.loads(forger.parts["scope/0002.json"])
    change(document)
    return canonical_json(document)


def _lie(document: dict[str, Any]) -> None:
    document["counts"][2].update(lower=4536, upper=4541)


def test_a_wrong_count_with_its_digest_put_right_is_named(sealed: Any) -> None:
    forger = sealed.forger
    verdict = sealed.verify(forger.redigested({"scope/0002.json": _changed(forger, _lie)}))
    _broken(verdict, "scope/0002.json", "it is not the version that the journal records")
    _broken(verdict, verify.SIGNED, "it does not fit bundle.json")
    _broken(verdict, verify.STAMPED, "it is over other data than this bundle")


def test_a_wrong_count_signed_by_the_sealer_is_named_by_the_journal(sealed: Any) -> None:
    forger = sealed.forger
    data = forger.sealed_again({"scope/0002.json": _changed(forger, _lie)}, sealed.own)
    verdict = sealed.verify(data)
    _broken(verdict, "scope/0002.json", "it is not the version that the journal records")
    assert verify.SIGNED not in _said(verdict)


def _upper_below(document: dict[str, Any]) -> None:
    document["counts"][0].update(lower=50, upper=45)


def _inexact(document: dict[str, Any]) -> None:
    document["counts"][1].update(exact=True)


def _no_reason(document: dict[str, Any]) -> None:
    document["counts"][2].update(reasons=[])


def _groups_more(document: dict[str, Any]) -> None:
    document["groups"].append({"categories": ["contact.phone"], "accounts": 3})


def _total_more(document: dict[str, Any]) -> None:
    for count in document["counts"][1:]:
        count.update(lower=41, upper=45)


def _accounts_above_persons(document: dict[str, Any]) -> None:
    document["counts"][2].update(lower=10, upper=20)


def _units_twice(document: dict[str, Any]) -> None:
    document["counts"][1].update(unit="views")


CONTRADICTIONS: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "upper below lower": (_upper_below, "the lower bound 50 is above the upper bound 45"),
    "exact and not": (_inexact, "it says exact=True of 40 to 45"),
    "bounds without a reason": (_no_reason, "no reason is given"),
    "groups that do not add up": (
        _groups_more,
        "they add up to 43 people, and the set of those seen holds 40",
    ),
    "a total that is not its groups": (_total_more, "at least 41 accounts, and only 40 are named"),
    "more accounts than persons": (_accounts_above_persons, "at least 40 accounts, but at most 20 persons"),
    "a unit twice": (_units_twice, "not one each of views, accounts and persons"),
}


@pytest.mark.parametrize("flaw", CONTRADICTIONS)
def test_counts_that_contradict_each_other_are_named_even_when_all_else_is_right(
    sealed: Any, flaw: str
) -> None:
    change, why = CONTRADICTIONS[flaw]
    forger = sealed.forger
    document = _changed(forger, change)
    entries = _entries(forger)
    body = json.loads(entries[3]["body"])
    body["document"] = hashlib.sha256(document).hexdigest()
    entries[3]["body"] = canonical_json(body).decode()
    changed = {"scope/0002.json": document, JOURNAL: _lines(_rechained(entries))}
    verdict = sealed.verify(forger.sealed_again(changed, sealed.own))
    _broken(verdict, "scope/0002.json", why)
    # who has not the erased keys of the journal cannot make its signatures fit
    assert set(_said(verdict)) == {"scope/0002.json", verify.STAMPED, verify.CUSTODY}


def test_breakdowns_that_do_not_fit_the_whole_are_named() -> None:
    def count(unit: str, lower: int) -> dict[str, Any]:
        return {"unit": unit, "lower": lower, "upper": lower, "exact": True, "reasons": []}

    def row(name: str, views: int) -> dict[str, Any]:
        return {
            "name": name,
            "first": "b",
            "last": "c",
            **{unit: count(unit, views) for unit in ("views", "accounts", "persons")},
        }

    whole = [count(unit, 10) for unit in ("views", "accounts", "persons")]
    right = {"counts": whole, "by": {"route": [row("a", 4), row("b", 6)]}}
    assert list(document_faults(right, {})) == []
    short = {"counts": whole, "by": {"day": [row("a", 4), row("b", 5)]}}
    assert list(document_faults(short, {})) == [
        "by day: views add up to at most 9, and the whole is at least 10"
    ]
    over = {"counts": whole, "by": {"part": [row("a", 7), row("b", 7)]}}
    assert list(document_faults(over, {})) == [
        "by part: views add up to at least 14, and the whole is at most 10"
    ]
    above = {"counts": whole, "by": {"category": [row("a", 11)]}}
    assert len(list(document_faults(above, {}))) == 3
    twice = {"counts": whole, "by": {"category": [row("a", 1), row("a", 2)]}}
    assert list(document_faults(twice, {})) == ["by category: a name stands there twice"]
    back = {"counts": whole, "by": {"category": [{**row("a", 1), "first": "d"}]}}
    assert list(document_faults(back, {})) == ["by category, a: it ends before it begins"]


def test_a_line_that_is_lost_from_the_inputs_is_named(sealed: Any) -> None:
    forger = sealed.forger
    inputs = json.loads(forger.parts["inputs.json"])
    inputs["contents"][0]["events"] -= 1
    inputs["contents"][0]["segments"][0]["events"] -= 1
    verdict = sealed.verify(forger.sealed_again({"inputs.json": canonical_json(inputs)}, sealed.own))
    _broken(verdict, "inputs.json", "40 lines, of which 39 are accounted for")
    _broken(verdict, "ledger.json", "it counts 42 events, and its inputs have 41")


def test_a_set_of_people_of_another_size_is_named(sealed: Any) -> None:
    forger = sealed.forger
    sets = json.loads(forger.parts["scope/0002.sets.json"])
    sets["held"]["persons"] = 39
    verdict = sealed.verify(forger.sealed_again({"scope/0002.sets.json": canonical_json(sets)}, sealed.own))
    _broken(verdict, "scope/0002.sets.json", "the set held holds 40 people, not 39")


def test_a_set_of_another_version_is_named(sealed: Any) -> None:
    forger = sealed.forger
    swapped = {"scope/0002.sets.json": forger.parts["scope/0001.sets.json"]}
    verdict = sealed.verify(forger.sealed_again(swapped, sealed.own))
    _broken(verdict, "scope/0002.sets.json", "its sets are not those that the journal records")


# -- digests and signatures of others


@pytest.fixture(scope="module")
def other(sealed: Any) -> Forger:
    """A bundle of another sealing of the same case, signed by the same key and stamped by the same authority."""
    forger = sealed.forger
    notes = {"clues.json": canonical_json([])}
    return Forger(forger.sealed_again(notes, sealed.own, Authority(sealed.url)))


def test_a_digest_of_another_bundle_is_named(sealed: Any, other: Forger) -> None:
    foreign = {row["name"]: row for row in other.manifest()["parts"]}["clues.json"]

    def borrow(told: dict[str, Any]) -> None:
        told["parts"] = [foreign if row["name"] == "clues.json" else row for row in told["parts"]]

    verdict = sealed.verify(sealed.forger.with_manifest(borrow))
    _broken(verdict, "clues.json", "it does not have the digest that was sealed")
    _broken(verdict, verify.SIGNED, "belongs to another bundle")


@pytest.mark.parametrize(
    ("part", "named", "why"),
    [
        (verify.SIGNATURE, verify.SIGNED, "belongs to another bundle"),
        (verify.STAMP, verify.STAMPED, "it is over other data than this bundle"),
    ],
)
def test_a_signature_or_stamp_of_another_bundle_is_named(
    sealed: Any, other: Forger, part: str, named: str, why: str
) -> None:
    _broken(sealed.verify(sealed.forger.with_part(part, other.parts[part])), named, why)


def test_a_foreign_signature_is_named(sealed: Any, tmp_path: Path) -> None:
    stranger = make_key(tmp_path / "stranger")
    signer = load_signer(tmp_path / "stranger", certificate_file=None, passphrase=None, now=NOW)
    forger = sealed.forger
    replaced = forger.with_part(
        verify.SIGNATURE, signer.part(signer.sign(verify.signed_message(forger.parts[verify.MANIFEST])))
    )
    _broken(sealed.verify(replaced), verify.SIGNED, f"it is by another key than the bundle names: {stranger}")
    whole = forger.sealed_again({}, signer)
    _broken(
        sealed.verify(whole), verify.SIGNED, f"it is by the key {stranger}, not by the one that is asked for"
    )
    unasked = verify.verify(whole, now=NOW)
    assert unasked.answer == verify.CANNOT_TELL
    assert "whose key that is cannot be told" in verify.as_text(unasked)


def test_a_removed_signature_is_named(sealed: Any) -> None:
    forger = sealed.forger
    rest = {name: data for name, data in forger.parts.items() if name != verify.SIGNATURE}
    _broken(verify.verify(verify.pack(rest), now=NOW), verify.SIGNED, "it was removed")
    unsigned = forger.sealed_again({}, None)
    _broken(sealed.verify(unsigned), verify.SIGNED, "not signed, though a given signer is asked for")
    verdict = verify.verify(unsigned, now=NOW)
    assert verdict.answer == verify.CANNOT_TELL
    assert "anybody could have made it" in verify.as_text(verdict)


def test_a_signature_that_the_bundle_denies_is_named(sealed: Any) -> None:
    verdict = sealed.verify(sealed.forger.with_manifest(lambda told: told.update(signer=None)))
    _broken(verdict, verify.SIGNED, "says that it is not signed")


def test_a_removed_time_stamp_is_named(sealed: Any) -> None:
    forger = sealed.forger
    rest = {name: data for name, data in forger.parts.items() if name != verify.STAMP}
    _broken(sealed.verify(verify.pack(rest)), verify.STAMPED, "it was removed")
    unstamped = forger.sealed_again({}, sealed.own)
    _broken(sealed.verify(unstamped), verify.STAMPED, "one by a given authority is asked for")


# -- certificates


def _by(sealed: Any, issued: Any, *, stamper: Authority | None = None) -> bytes:
    signer = CertificateSigner(issued.key, issued.chain)
    data: bytes = sealed.forger.sealed_again({}, signer, stamper)
    return data


def test_a_certificate_that_leads_to_a_trusted_one_holds(sealed: Any) -> None:
    root = issue("Root", ca=True)
    data = _by(
        sealed, issue("Court expert", by=issue("Issuer", by=root, ca=True)), stamper=Authority(sealed.url)
    )
    trusted = verify.verify(data, trust=[root.certificate], stamp_trust=[sealed.ca.certificate], now=NOW)
    assert trusted.answer == verify.HOLDS, verify.as_text(trusted)
    unasked = verify.verify(data, now=NOW)
    assert unasked.answer == verify.CANNOT_TELL
    other = verify.verify(data, trust=[issue("Another root", ca=True).certificate], now=NOW)
    _broken(other, verify.SIGNED, "its certificate does not lead to one that is trusted")


def test_a_certificate_of_an_issuer_that_may_not_issue_is_named(sealed: Any) -> None:
    root = issue("Root", ca=True)
    data = _by(sealed, issue("Impostor", by=issue("Somebody", by=root)))
    _broken(
        verify.verify(data, trust=[root.certificate], now=NOW),
        verify.SIGNED,
        "does not lead to one that is trusted",
    )


def test_an_expired_certificate_is_named(sealed: Any) -> None:
    root = issue("Root", ca=True)
    data = _by(sealed, issue("Expert", by=root, until=NOW - timedelta(days=1)))
    _broken(verify.verify(data, trust=[root.certificate], now=NOW), verify.SIGNED, "expired")
    _broken(verify.verify(data, now=NOW), verify.SIGNED, "expired")


def test_a_certificate_that_expired_since_needs_a_time_stamp(sealed: Any) -> None:
    root = issue("Root", ca=True)
    expert = issue("Expert", by=root, until=datetime.now(UTC) + timedelta(days=30))
    later = NOW + timedelta(days=3650)
    bare = verify.verify(_by(sealed, expert), trust=[root.certificate], now=later)
    assert bare.answer == verify.CANNOT_TELL, verify.as_text(bare)
    assert "no trusted time stamp proves an earlier signature" in verify.as_text(bare)
    stamped = _by(sealed, expert, stamper=Authority(sealed.url))
    proven = verify.verify(stamped, trust=[root.certificate], stamp_trust=[sealed.ca.certificate], now=later)
    assert proven.answer == verify.HOLDS, verify.as_text(proven)


# -- time stamps


def test_a_time_stamp_of_an_untrusted_authority_is_named(sealed: Any, tmp_path: Path) -> None:
    stranger = issue("Another root", ca=True)
    with serving(tmp_path / "tsa", issue("Clock", by=stranger, stamping=True), ess="sha1") as url:
        data = sealed.forger.sealed_again({}, sealed.own, Authority(url))
    _broken(sealed.verify(data), verify.STAMPED, "its authority is not one that is trusted")
    unasked = verify.verify(data, signer=sealed.signer, now=NOW)
    assert unasked.answer == verify.CANNOT_TELL
    assert "whether that authority is to be trusted cannot be told" in " ".join(
        verify.as_text(unasked).split()
    )


def test_a_time_stamp_before_the_sealing_is_named(sealed: Any) -> None:
    forger = sealed.forger

    class Early:
        url = sealed.url

        def ask(self, message: bytes) -> bytes:
            return Authority(self.url).ask(message)

    told = forger.manifest()
    told["sealed"] = "2099-01-01T00:00:00Z"
    late = Forger(verify.pack({**forger.parts, verify.MANIFEST: canonical_json(told)}))
    _broken(
        sealed.verify(late.sealed_again({}, sealed.own, Early())),
        verify.STAMPED,
        "before the bundle says that it was sealed",
    )


def test_a_time_stamp_changed_anywhere_is_never_trusted(sealed: Any) -> None:
    response = sealed.forger.parts[verify.STAMP]
    whole = verify.read_stamp(response)
    dice = random.Random(3)
    for at in dice.sample(range(len(response)), 120):
        changed = bytearray(response)
        changed[at] ^= 1 << dice.randrange(8)
        try:
            stamp = verify.read_stamp(bytes(changed))
        except ValueError:
            continue
        # what is not signed may differ (the status, further certificates); what a stamp says may not
        assert dataclasses.replace(stamp, certificates=stamp.certificates[:1]) == dataclasses.replace(
            whole, certificates=whole.certificates[:1]
        )


# -- the container


def test_a_newer_format_is_not_examined_and_not_passed(sealed: Any) -> None:
    verdict = sealed.verify(sealed.forger.with_manifest(lambda told: told.update(format=2)))
    assert verdict.answer == verify.CANNOT_TELL
    assert verdict.exit_code == 2
    assert "format 2, and this program reads 1" in verify.as_text(verdict)


@pytest.mark.parametrize("kept", [0, 3, 21, 22, 1000, -1, -22, -23, -500])
def test_a_bundle_cut_short_is_named(sealed: Any, kept: int) -> None:
    _broken(sealed.verify(sealed.bundle[:kept]), verify.CONTAINER, "")


@pytest.mark.parametrize("around", [(b"", b"x"), (b"x", b""), (b"", b"PK\x05\x06" + bytes(18))])
def test_bytes_around_a_bundle_are_named(sealed: Any, around: tuple[bytes, bytes]) -> None:
    _broken(sealed.verify(around[0] + sealed.bundle + around[1]), verify.CONTAINER, "")


@pytest.mark.parametrize(
    "name",
    [
        "../bundle.json",
        "/etc/passwd",
        "a/../../b",
        "a\\b",
        "C:x",
        ".hidden",
        "a//b",
        "nul\x00",
        "",
        "a/b/c/d/e",
        "ä",
    ],
)
def test_names_that_lead_elsewhere_are_named(sealed: Any, name: str) -> None:
    spelled = name.encode("latin-1", "replace").decode("ascii", "replace").replace("\ufffd", "\x7f")
    _broken(
        sealed.verify(verify.pack({**sealed.forger.parts, spelled: b"x"})),
        verify.CONTAINER,
        "which no part may have",
    )


def test_a_zip_bomb_is_not_unpacked(sealed: Any) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(verify.MANIFEST, bytes(50_000_000))
    _broken(sealed.verify(packed.getvalue()), verify.CONTAINER, "compressed")


def test_parts_that_overlap_or_come_twice_are_named(sealed: Any) -> None:
    once = verify.pack({"a": b"1", "b": b"2"})
    assert verify.unpack(once)[0] == {"a": b"1", "b": b"2"}
    _broken(sealed.verify(once.replace(b"b", b"a")), verify.CONTAINER, "stands in it twice")
    # both rows of the table point to the first part
    table = once.index(b"PK\x01\x02", once.index(b"PK\x01\x02") + 1)
    overlapping = once[: table + 42] + bytes(4) + once[table + 46 :]
    _broken(sealed.verify(overlapping), verify.CONTAINER, "belong to no part")


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"kind":1}',
        b"\xff",
        b"[" * 100_000,
        b'{"a":1,"a":1}',
        b'{"format": 1}',
        b"NaN",
    ],
)
def test_a_manifest_that_is_none_is_a_flaw_and_no_crash(sealed: Any, manifest: bytes) -> None:
    _broken(sealed.verify(sealed.forger.with_part(verify.MANIFEST, manifest)), verify.MANIFEST, "")


def test_any_field_of_any_document_may_be_of_another_kind_without_a_crash(sealed: Any) -> None:
    forger = sealed.forger
    for name in (
        "scope/0002.json",
        "inputs.json",
        "ledger.json",
        "findings.json",
        "configuration.json",
        JOURNAL,
        "scope/0002.sets.json",
    ):
        for wrong in (b"null", b"[null]", b'{"contents":[1]}', b"7", b'"x"', b"{}", b"[[]]"):
            flawed = {name: wrong}
            whole = forger.redigested(flawed) if name == JOURNAL else forger.sealed_again(flawed, sealed.own)
            assert name in _said(sealed.verify(whole)), (name, wrong)
    for field in forger.manifest():
        verdict = sealed.verify(forger.with_manifest(lambda told, field=field: told.update({field: [None]})))
        assert verdict.answer != verify.HOLDS, field


def test_the_signers_of_the_tests_are_of_both_kinds(sealed: Any, tmp_path: Path) -> None:
    assert isinstance(sealed.own, KeySigner)
    expert = issue("Expert")
    key, certificate = write_pem(tmp_path, "expert", expert)
    loaded = load_signer(key, certificate_file=certificate, passphrase=None, now=NOW)
    assert isinstance(loaded, CertificateSigner)
    assert loaded.sign(b"x") == loaded.sign(b"x")
