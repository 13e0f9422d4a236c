"""Somebody at work with evidence: the bundles that were sealed here, and bundles that somebody hands in to be verified."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from whosaw.core.errors import WhosawError
from whosaw.store.repositories.cases import CaseStore

from .desk import Desk
from .gate import Verb

if TYPE_CHECKING:
    from whosaw.evidence.verify import Verdict

__all__ = ["MOST_BYTES", "SEALED", "EvidenceDesk", "HeldBundle", "case_of_bundle"]

MOST_BYTES: Final = 256 * 1024 * 1024  # of a bundle that somebody hands in
SEALED: Final = "sealed"
_ENDING: Final = ".evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBundle:
    """A bundle that was sealed here."""

    name: str
    bytes: int
    made: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceDesk(Desk):
    """Bundles."""

    def bundles(self) -> Sequence[HeldBundle]:
        """Those that were sealed here, the last one first."""
        self.allow(Verb.VERIFY, "bundles")
        folder = self.root / SEALED
        found = [
            HeldBundle(
                name=each.name,
                bytes=each.stat().st_size,
                made=datetime.fromtimestamp(each.stat().st_mtime, UTC),
            )
            for each in (folder.glob(f"*{_ENDING}") if folder.is_dir() else ())
            if self.sees_case(case_of_bundle(each.name))
        ]
        return sorted(found, key=lambda each: (each.made, each.name), reverse=True)

    def cases_to_seal(self) -> Sequence[str]:
        """Names of the cases."""
        self.allow(Verb.VERIFY, "bundles")
        with self._workspace() as workspace:
            return [each for each in CaseStore(workspace).cases() if self.sees_case(each)]

    def verify(self, data: bytes) -> Verdict:
        """What can be said of a bundle that somebody handed in; that it was, and what came out, is in the journal."""
        from whosaw.app.evidence.bundle import Trust, verify_bundle

        self.allow(Verb.VERIFY, "a bundle")
        if len(data) > MOST_BYTES:
            raise WhosawError(
                "evidence.large",
                f"a bundle of more than {MOST_BYTES:,} bytes is not taken here",
                hint="Use `whosaw evidence verify`",
            )
        with tempfile.TemporaryDirectory(prefix="whosaw-bundle-") as folder:
            path = Path(folder) / "bundle"
            path.write_bytes(data)
            verdict = verify_bundle(path, Trust(), now=self.now)
        with self._workspace() as workspace, workspace.journal.transaction() as connection:
            body = {"bundle": verdict.bundle, "answer": verdict.answer}
            workspace.journal.record(connection, "evidence.verified", body, now=self.now)
        return verdict

    def digest(self, name: str) -> str:
        """The SHA-256 of a bundle that was sealed here."""
        self.allow(Verb.VERIFY, self.of_case(case_of_bundle(name)))
        with self._path(name).open("rb") as data:
            return hashlib.file_digest(data, "sha256").hexdigest()

    def _path(self, name: str) -> Path:
        """Of a bundle among those that whoever asks may see; never of any other file."""
        if name not in {each.name for each in self.bundles()}:
            raise WhosawError("evidence.unknown", "there is no such bundle")
        return self.root / SEALED / name

    def bundle(self, name: str) -> bytes:
        """A bundle that was sealed here, once it is on record that it was given out. `name` is one of those listed, never a path."""
        who = self.allow(Verb.EXPORT, self.of_case(case_of_bundle(name)))
        data = self._path(name).read_bytes()
        self._exported(f"bundle {name}", data, who.purpose, {"sha256": hashlib.sha256(data).hexdigest()})
        return data


def case_of_bundle(bundle: str) -> str:
    """The case that a bundle of this name was sealed from: behind it stand a time and a few letters."""
    return bundle.rsplit("-", 2)[0]
