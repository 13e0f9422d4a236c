"""A sealed case, made once: every flaw of the zoo is made from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.evidence.authority import Issued, issue, serving, write_pem
from tests.evidence.sealed_case import CASE, NOW, SALT, Forger, make_workspace

from whosaw.app.evidence.bundle import seal_case
from whosaw.evidence import verify, verify_alone
from whosaw.evidence.keys import load_signer, make_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """The workspace, its bundle signed and stamped, and what is needed to check and to forge it."""

    folder: Path
    root: Path
    bundle: bytes
    key: Path
    signer: str
    ca: Issued
    url: str  # of the time stamp authority

    @property
    def forger(self) -> Forger:
        return Forger(self.bundle)

    @property
    def own(self) -> object:
        """The signer of the bundle, to sign something else with."""
        return load_signer(self.key, certificate_file=None, passphrase=None, now=NOW)

    def verify(self, data: bytes) -> verify.Verdict:
        """What somebody who knows the signer and the authority is told, by the modules and by the file for strangers alike."""
        told = verify.verify(data, signer=self.signer, stamp_trust=[self.ca.certificate], now=NOW)
        alone = verify_alone.verify(data, signer=self.signer, stamp_trust=[self.ca.certificate], now=NOW)
        assert (alone.as_json(), alone.exit_code) == (told.as_json(), told.exit_code)
        assert verify_alone.as_text(alone) == verify.as_text(told)
        return told


@pytest.fixture(scope="session")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sealed]:
    folder = tmp_path_factory.mktemp("evidence")
    root = make_workspace(folder)
    key = folder / "own.key"
    signer = make_key(key)
    ca = issue("Root of time", ca=True)
    write_pem(folder, "ca", ca)
    with serving(folder / "tsa", issue("Clock", by=ca, stamping=True)) as url:
        # the authority stamps with its own clock, which is later than the time of the sealing
        seal_case(root, CASE, folder / "case.evidence", now=NOW, salt=SALT, key=key, tsa=url)
        yield Sealed(
            folder=folder,
            root=root,
            bundle=(folder / "case.evidence").read_bytes(),
            key=key,
            signer=signer,
            ca=ca,
            url=url,
        )
