"""Alerts as mail, over TLS unless a person said that it may go in the clear."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage

from .bodies import subject, text
from .message import Alert, SinkDownError

__all__ = ["MailSink", "mail_of"]

TIMEOUT = 30.0
Connect = Callable[[], smtplib.SMTP]


def mail_of(alert: Alert, *, sender: str, to: str) -> EmailMessage:
    """The letter, with whosaw's own JSON attached. Its id is the alert's, so one that came twice can be told."""
    mail = EmailMessage()
    mail["Subject"] = subject(alert)
    mail["From"] = sender
    mail["To"] = to
    mail["Date"] = alert.made_at
    mail["Message-ID"] = f"<{alert.key.replace('/', '.')}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text(alert))
    mail.add_attachment(alert.line(), maintype="application", subtype="json", filename="alert.json")
    return mail


class MailSink:
    """Sends each alert as one letter: over TLS from the start (`tls`), else after STARTTLS, without which nothing is sent
    unless `clear` says so. A password never goes in the clear."""

    def __init__(
        self, name: str, *, host: str, port: int, tls: bool, user: str | None, password: str | None,
        sender: str, to: str, clear: bool = False, connect: Connect | None = None,
    ) -> None:  # fmt: skip
        self.name = name
        self.sender, self.to = sender, to
        self._host, self._port, self._tls, self._clear = host, port, tls, clear
        self._user, self._password = user, password
        self._connect = connect or self._dial

    def _dial(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._tls:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT, context=context)
        server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif not self._clear or self._user is not None:
            server.close()
            raise SinkDownError("offers no TLS, without which nothing is sent")
        return server

    def send(self, alert: Alert, *, perhaps_sent: bool) -> None:  # noqa: ARG002  # a mailbox cannot be asked
        self.post(mail_of(alert, sender=self.sender, to=self.to))

    def post(self, letter: EmailMessage) -> None:
        """Hand a letter to the server; `SinkDownError` where it is not taken."""
        try:
            server = self._connect()
            try:
                if self._user is not None:
                    server.login(self._user, self._password or "")
                server.send_message(letter)
            finally:
                with suppress(smtplib.SMTPException, OSError):  # what it has taken it has taken
                    server.quit()
        except smtplib.SMTPResponseException as fault:
            raise SinkDownError(f"answered {fault.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as fault:
            raise SinkDownError(f"cannot be reached ({type(fault).__name__})") from None

    def close(self) -> None:
        """Nothing is held open."""
