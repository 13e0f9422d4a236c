"""What the stores of held objects do by themselves: what keeps them, and which lifecycle would delete them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from whosaw.app.reading.content import restore
from whosaw.core.instants import from_micros
from whosaw.ingest.files.content import StoredObject
from whosaw.logs.hold import HeldFile, Hold, Rule, Target, Verdict
from whosaw.logs.hold.results import RuleStrikes, StoreProtection, rule_strikes
from whosaw.logs.hold.s3_lifecycle import read_bucket_lifecycle
from whosaw.store.objects.address import STORES, ObjectAddress
from whosaw.store.objects.buckets import Buckets
from whosaw.store.objects.protection import BucketRules, ObjectLock, Protection

__all__ = ["protection_of"]

Held = tuple[HeldFile, StoredObject]


def protection_of(
    hold: Hold, verdicts: Sequence[Verdict], *, now: datetime
) -> tuple[list[StoreProtection], list[RuleStrikes], list[str]]:
    """By bucket what keeps the held objects that are still there; the rules of its lifecycle with what they would delete; and what was not
    understood."""
    by_bucket: dict[tuple[str, str], list[Held]] = defaultdict(list)
    for verdict in verdicts:
        stored = restore(verdict.file.place).stored
        if stored is not None and not verdict.lost:
            by_bucket[stored.scheme, stored.bucket].append((verdict.file, stored))
    told: list[StoreProtection] = []
    strikes: list[RuleStrikes] = []
    notes: list[str] = []
    buckets = Buckets()
    try:
        for (scheme, bucket), held in sorted(by_bucket.items()):
            address = ObjectAddress(scheme=scheme, bucket=bucket)
            asked = Protection(address)
            rules = asked.rules()
            locks = [buckets.submit(partial(asked.lock_of, each.key, each.version)) for _, each in held]
            told.append(_protection(address, rules, [each.result() for each in locks]))
            read, said = _lifecycle(address, rules.lifecycle)
            targets = [_target(*each) for each in held]
            strikes += [rule_strikes(rule, targets, now=now, at=from_micros(hold.at)) for rule in read]
            notes += said
    finally:
        buckets.close()
    return told, strikes, notes


def _protection(
    address: ObjectAddress, rules: BucketRules, locks: Sequence[ObjectLock | None]
) -> StoreProtection:
    known = [each for each in locks if each is not None]
    ends = [each.until for each in known if each.until is not None]
    unasked = f"{STORES[address.scheme]} was not asked or did not say: " + ", ".join(rules.unasked)
    return StoreProtection(
        bucket=f"{address.scheme}://{address.bucket}",
        versioning=rules.versioning,
        lock=rules.lock,
        default_mode=rules.default_mode,
        default_days=rules.default_days,
        objects=len(locks),
        legal_hold=sum(each.legal_hold for each in known),
        retained=len(ends),
        released_first=min(ends, default=None),
        unprotected=sum(not each.legal_hold and each.until is None for each in known),
        cannot_tell=len(locks) - len(known),
        notes=(unasked,) if rules.unasked else (),
    )


def _lifecycle(address: ObjectAddress, text: str | None) -> tuple[list[Rule], list[str]]:
    if text is None:
        return [], []
    rules, notes = read_bucket_lifecycle(f"lifecycle of {address.scheme}://{address.bucket}", text)
    return [*rules], notes


def _target(held: HeldFile, stored: StoredObject) -> Target:
    """The object as a lifecycle sees it: by its key and the time it was made."""
    return Target(
        name=held.name,
        path="",
        live="",
        generation=0,
        size=held.on_disk,
        modified=from_micros(held.modified),
        keys=(stored.key,),
    )
