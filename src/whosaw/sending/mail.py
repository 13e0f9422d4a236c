"""A notice as an e-mail to one person: what a person completed, under headers of its own for each recipient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from email.utils import format_datetime
from typing import Any, Final

from whosaw.core.errors import WhosawError

__all__ = ["MailText", "read_mail_text"]

_OWN: Final = (
    "from", "to", "cc", "bcc", "date", "message-id", "x-unsent", "return-path", "reply-to", "sender", "received", "auto-submitted",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class MailText:
    """What is the same for everybody: headers that a person wrote, and the body, with the ends of lines that go over the wire."""

    head: bytes
    body: bytes

    def to(self, *, sender: str, reply_to: str, address: str, message_id: str, at: datetime) -> bytes:
        """The whole message to one address. What comes by itself says so (RFC 3834), so that no absence note answers it."""
        lines = [
            f"From: {sender}",
            f"To: {address}",
            *([f"Reply-To: {reply_to}"] if reply_to else []),
            f"Date: {format_datetime(at)}",
            f"Message-ID: {message_id}",
            "Auto-Submitted: auto-generated",
        ]
        return "\r\n".join(lines).encode("ascii") + b"\r\n" + self.head + b"\r\n" + self.body


def read_mail_text(raw: bytes, name: str) -> MailText:
    """The text out of an `.eml` file as `whosaw notice --out` writes it and mail programs save it. Whom it is from and to is not taken
    from there."""
    parsed: Message[Any, Any] = message_from_bytes(raw, policy=compat32)
    if parsed["Subject"] is None:
        raise WhosawError(
            "notice.no-subject", f"{name} has no subject", hint="Save it as a message again, with its subject"
        )
    for each in _OWN:
        del parsed[each]
    whole = parsed.as_bytes(policy=compat32.clone(linesep="\r\n", max_line_length=78))
    head, gap, body = whole.partition(b"\r\n\r\n")
    if not gap or not body.strip():
        raise WhosawError(
            "notice.empty-mail", f"{name} has no text", hint="Write it again with `whosaw notice --out`"
        )
    if any(len(line) > 998 for line in whole.split(b"\r\n")):
        raise WhosawError(
            "notice.long-line",
            f"{name} has a line of more than 998 bytes, which mail servers cut (RFC 5322, 2.1.1)",
            hint="Save it with quoted-printable text",
        )
    return MailText(head=head + b"\r\n", body=body)
