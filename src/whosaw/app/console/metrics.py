"""How a workspace that is served is doing, in numbers that name nobody: for those who run it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from whosaw.app.backup import BACKED_UP
from whosaw.store.repositories.accounts import accounts, count_logins
from whosaw.store.repositories.entries import head_of_journal, last_time
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.repositories.gate import requests
from whosaw.store.repositories.jobs import count_jobs
from whosaw.store.repositories.judgments import judgments

from .desk import Desk
from .gate import Verb

__all__ = ["Metrics", "MetricsDesk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Numbers of a workspace. `findings` by what the team said of them, `jobs` by state; times are None where there was none."""

    findings: Mapping[str, int]
    jobs: Mapping[str, int]
    entries: int
    accounts: int
    logins: int
    requests: int
    last_scan: datetime | None
    last_backup: datetime | None
    free_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsDesk(Desk):
    """Tells them."""

    def metrics(self) -> Metrics:
        """As they are now."""
        self.allow(Verb.SEE_METRICS, "metrics")
        disk = os.statvfs(self.root)
        with self._journal() as journal:
            judged = judgments(journal)
            said = (
                judged[each.id].state if each.id in judged else "new" for each in stored_findings(journal)
            )
            head = head_of_journal(journal)
            now = int(self.now.timestamp() * 1e6)
            waiting = [each for each in requests(journal) if each.answer is None and now < each.ends]
            return Metrics(
                findings=Counter(said),
                jobs=count_jobs(journal),
                entries=0 if head is None else head.entry,
                accounts=sum(each.closed is None for each in accounts(journal)),
                logins=count_logins(journal),
                requests=len(waiting),
                last_scan=last_time(journal, "scan.end"),
                last_backup=last_time(journal, BACKED_UP),
                free_bytes=disk.f_bavail * disk.f_frsize,
            )
