"""Whether the console is well, for whoever asks, and its numbers as OpenMetrics, for those who run it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any, Final

from litestar import Response, get
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest

from whosaw.app.console.gate import Verb
from whosaw.app.console.metrics import Metrics, MetricsDesk
from whosaw.core.errors import WhosawError
from whosaw.core.version import __version__
from whosaw.store.repositories.entries import head_of_journal
from whosaw.store.workspace import journal_of

from .behind import HEALTH
from .served import API, METRICS, PUBLIC, at_desk, served_by
from .showing import Came, in_thread, needs

__all__ = ["METRIC_HANDLERS", "Measured"]

_SECONDS: Final = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
_STREAM: Final = "/events"  # an answer without an end


class Measured:
    """Counts what is answered, and how long that takes: `app` with its middleware around it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        names = ("door", "status")
        self._seconds = Histogram(
            "whosaw_request_seconds",
            "Requests by door and first digit of the status, and how long until the answer began.",
            names, buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self._streams = Gauge(
            "whosaw_event_streams", "Pages that are told what happens.", registry=self.registry
        )
        self._faults = Counter(
            "whosaw_faults", "Answers for which the program is to blame.", registry=self.registry
        )
        ProcessCollector(registry=self.registry)

    def around(self, app: ASGIApp) -> ASGIApp:
        """The middleware."""

        async def measured(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP:
                await app(scope, receive, send)
                return
            begun = time.perf_counter()

            async def sent(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self._answered(scope["path"], message["status"], time.perf_counter() - begun)
                await send(message)

            stream = scope["path"] == _STREAM
            self._streams.inc(stream)
            try:
                await app(scope, receive, sent)
            finally:
                self._streams.dec(stream)

        return measured

    def _answered(self, path: str, status: int, seconds: float) -> None:
        door = "api" if path.startswith(API) else "console"
        self._seconds.labels(door=door, status=f"{status // 100}xx").observe(seconds)
        self._faults.inc(status >= 500)

    def text(self, told: Metrics) -> bytes:
        """All of it with the numbers of the workspace."""
        return bytes(generate_latest(_Joined(self.registry, told)))  # type: ignore[no-untyped-call]  # it says no types


class _Joined(CollectorRegistry):
    """What was measured, and numbers of the workspace as they were told just now."""

    def __init__(self, measured: CollectorRegistry, told: Metrics) -> None:
        super().__init__()
        self._measured, self._told = measured, told

    def collect(self) -> Iterator[Metric]:
        yield from self._measured.collect()
        yield InfoMetricFamily("whosaw", "The program.", value={"version": __version__})
        told = self._told
        yield _by("whosaw_findings", "Findings by what the team said of them.", told.findings)
        yield _by("whosaw_jobs", "Long work by state.", told.jobs)
        yield GaugeMetricFamily("whosaw_journal_entries", "Entries of the custody journal.", told.entries)
        yield GaugeMetricFamily("whosaw_accounts", "Accounts that are open.", told.accounts)
        yield GaugeMetricFamily("whosaw_logins", "Logins that were not ended.", told.logins)
        yield GaugeMetricFamily(
            "whosaw_requests_waiting", "Requests that wait for a second person.", told.requests
        )
        yield GaugeMetricFamily(
            "whosaw_disk_free_bytes", "Free room where the workspace is.", told.free_bytes
        )
        for name, about, at in (
            ("whosaw_last_scan_timestamp_seconds", "When the last scan ended; absent where none did.", told.last_scan),
            ("whosaw_last_backup_timestamp_seconds", "When the last backup was made; absent where none was.", told.last_backup),
        ):  # fmt: skip
            if at is not None:
                yield GaugeMetricFamily(name, about, _seconds(at))


def _by(name: str, about: str, counts: Any) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=["state"])
    for state, count in sorted(counts.items()):
        family.add_metric([state], count)
    return family


def _seconds(at: datetime) -> float:
    return at.timestamp()


@get(METRICS, **needs(Verb.SEE_METRICS))
@in_thread
def metrics(request: Came) -> Response[bytes]:
    """Numbers for Prometheus and its like, for an administrator or a program of theirs."""
    measured: Measured = request.app.state.measured
    return Response(measured.text(at_desk(request, MetricsDesk).metrics()), media_type=CONTENT_TYPE_LATEST)


@get(HEALTH, **needs(PUBLIC))
@in_thread
def health(request: Came) -> Response[str]:
    """Whether the journal can be read and work be done; nothing else is told."""
    served = served_by(request)
    try:
        with closing(journal_of(served.root, unasked=True)) as journal:
            head_of_journal(journal)
        well = served.worker.works
    except WhosawError:
        well = False
    return Response(
        "ok\n" if well else "not well\n", status_code=200 if well else 503, media_type="text/plain"
    )


METRIC_HANDLERS: Final = (metrics, health)
