"""Alerts to anything that Apprise reaches (extra `alerts`)."""

from __future__ import annotations

from typing import Any

from whosaw.core.errors import WhosawError
from whosaw.core.extras import load_extra

from .bodies import subject, text
from .message import Alert, SinkDownError

__all__ = ["ServiceSink"]


class ServiceSink:
    """Sends each alert through the library. Raises `WhosawError` where it is missing or refuses the address."""

    def __init__(self, name: str, *, url: str, library: Any = None) -> None:
        self.name = name
        if library is None:
            library = load_extra(
                "apprise",
                WhosawError(
                    "alert.no-apprise", "Apprise is not installed", hint="pip install 'whosaw[alerts]'"
                ),
            )
        self._to = library.Apprise()
        if not self._to.add(url):
            raise WhosawError(
                "alert.address",
                f"Apprise does not take the address of {name}",
                hint="Addresses are described at https://github.com/caronc/apprise/wiki",
            )

    def send(self, alert: Alert, *, perhaps_sent: bool) -> None:  # noqa: ARG002  # a chat cannot be asked
        kind = "failure" if alert.finding.confidence.level == "high" else "warning"
        if not self._to.notify(title=subject(alert), body=text(alert), notify_type=kind, body_format="text"):
            raise SinkDownError("the service did not take it")

    def close(self) -> None:
        """Nothing is held open."""
