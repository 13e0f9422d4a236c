"""Reads what came back: whom it is about by the keyed return path, and what it says.

Delivery status notifications (RFC 3464, and RFC 6533 for other scripts), feedback reports (RFC 5965), answers by machines (RFC 3834), and the layouts of systems that
write none of these: by flufl.bounce, then by what such messages have in common. Whoever invents a bounce has no keyed return path, and one
without it is about nobody.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from typing import Any, Final

from whosaw.core.errors import WhosawError
from whosaw.core.extras import load_extra

from .keys import Keys, Return
from .replies import status_of

__all__ = ["COMPLAINT", "DELAYED", "DELIVERED", "FAILED", "OTHER", "REPLY", "Came", "read_bounce"]

FAILED: Final = "failed"
DELAYED: Final = "delayed"
DELIVERED: Final = "delivered"
COMPLAINT: Final = "complaint"
REPLY: Final = "reply"
OTHER: Final = "other"
_MOST: Final = 1 << 20  # bytes that are read of one message
_DSN: Final = ("message/delivery-status", "message/global-delivery-status")
_REPORT: Final = "message/feedback-report"
_ACTION: Final = re.compile(rb"^Action\s*:\s*([A-Za-z]+)", re.IGNORECASE | re.MULTILINE)
_STATUS: Final = re.compile(rb"^Status\s*:\s*([245])\.(\d{1,3})\.(\d{1,3})", re.IGNORECASE | re.MULTILINE)
_FEEDBACK: Final = re.compile(rb"^Feedback-Type\s*:\s*([A-Za-z-]+)", re.IGNORECASE | re.MULTILINE)
_ACTIONS: Final = {
    b"failed": FAILED, b"delayed": DELAYED, b"delivered": DELIVERED, b"relayed": DELIVERED, b"expanded": DELIVERED,
}  # fmt: skip
_WORST: Final = (FAILED, DELAYED, DELIVERED)
_MACHINE: Final = re.compile(
    r"mailer-daemon|postmaster|mail delivery (?:sub)?system|mail administrator|<>", re.IGNORECASE
)
_LATER: Final = re.compile(
    r"delay|will (?:continue to )?(?:be )?retr|still trying|not yet been delivered|could not be delivered (?:yet|for)|"
    r"warning: .*(?:hours|queue)|no action is required|지연|verzögert|retard|задерж|延迟",
    re.IGNORECASE,
)
_GONE: Final = re.compile(
    r"undeliver|not (?:be )?deliver|fail|returned (?:mail|to sender)|rejected|unable to deliver|does(?:n't| not) exist|"
    r"no such (?:user|person)|user unknown|mailbox (?:full|unavailable|not found)|quota|permanent|반송|전송 ?실패|배달|수신 ?거부|"
    r"unzustellbar|non remis|не доставлено|退信|haikuwasilishwa|imeshindikana",
    re.IGNORECASE,
)
_ABSENT: Final = re.compile(
    r"out of (?:the )?office|auto(?:matic|mated|-|\s)?\s*(?:reply|response|antwort)|on (?:leave|vacation|holiday)|부재|자동 ?응답|abwesen|absence|likizo|ukumbusho",
    re.IGNORECASE,
)
_SMTP: Final = re.compile(r"(?<![\d.])([45])\d\d[ -](?:#?[45]\.\d|[A-Za-z<])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """One message that came back: its digest, which attempt it is about (None: it names none of ours), its kind and status (RFC 3463)."""

    digest: str
    back: Return | None
    kind: str
    status: str


def read_bounce(raw: bytes, keys: Keys) -> Came:
    """What a message says. Nothing in it is trusted but the keyed return path."""
    part = raw[:_MOST]
    message = message_from_bytes(part, policy=compat32)
    texts = list(_texts(message))
    back = keys.read_return(part.decode("latin-1"))
    if back is None:
        back = next((found for text in texts if (found := keys.read_return(text)) is not None), None)
    kind, status = _said(message, texts)
    return Came(digest=hashlib.sha256(raw).hexdigest(), back=back, kind=kind, status=status)


def _said(message: Message[Any, Any], texts: list[str]) -> tuple[str, str]:
    for part in message.walk():
        if part.get_content_type() == _REPORT:
            found = _FEEDBACK.search(_bytes(part))
            return (OTHER if found and found[1].lower() == b"not-spam" else COMPLAINT), ""
    for part in message.walk():
        if part.get_content_type() in _DSN and (told := _of_status(_bytes(part))) is not None:
            return told
    subject = _header(message, "Subject")
    by_machine = _by_machine(message)
    if not by_machine and _is_reply(message, subject):
        return REPLY, ""
    whole = "\n".join([subject, *texts])
    status = status_of(_own_words(whole))
    temporary, permanent = _known_layout(message)
    if permanent:
        return FAILED, status
    if temporary:
        return DELAYED, status
    if not by_machine:
        return (REPLY, "") if _is_reply(message, subject) else (OTHER, "")
    return _by_words(subject, _own_words("\n".join(texts)), status)


def _by_words(subject: str, text: str, status: str) -> tuple[str, str]:
    """By what a mail system wrote where no layout is known: what it says in the subject goes before what stands in the text."""
    for said in (subject, text):
        if _LATER.search(said) and not status.startswith("5"):
            return DELAYED, status
        if _GONE.search(said):
            return FAILED, status
    code = _SMTP.search(text)
    if status.startswith("5") or (code and code[1] == "5"):
        return FAILED, status
    if status.startswith("4") or code:
        return DELAYED, status
    return OTHER, status


def _of_status(text: bytes) -> tuple[str, str] | None:
    """The worst of what stands there of recipients; None where it names neither action nor status."""
    kinds = [_ACTIONS[each.lower()] for each in _ACTION.findall(text) if each.lower() in _ACTIONS]
    statuses = [b".".join(each).decode() for each in _STATUS.findall(text)]
    if not kinds:
        kinds = [{"5": FAILED, "4": DELAYED, "2": DELIVERED}[each[0]] for each in statuses]
    if not kinds:
        return None
    kind = next(each for each in _WORST if each in kinds)
    wanted = {FAILED: "54", DELAYED: "45", DELIVERED: "2"}[kind]
    status = next((each for first in wanted for each in statuses if each[0] == first), "")
    return kind, status


def _known_layout(message: Message[Any, Any]) -> tuple[bool, bool]:
    """Whether flufl.bounce finds somebody whose delivery failed for now, or for good."""
    library: Any = load_extra(
        "flufl.bounce",
        WhosawError(
            "notice.no-library",
            "bounces are read with flufl.bounce, which is not installed",
            hint="pip install 'whosaw[send]'",
        ),
    )
    try:
        temporary, permanent = library.all_failures(message)
    except Exception:  # noqa: BLE001  # a stranger's message: a detector that stumbles over it found nothing
        return False, False
    return bool(temporary), bool(permanent)


def _by_machine(message: Message[Any, Any]) -> bool:
    if _MACHINE.search(_header(message, "From")) or _header(message, "Return-Path").strip() == "<>":
        return not _ABSENT.search(_header(message, "Subject"))
    return message.get_content_type() == "multipart/report" or "X-Failed-Recipients" in message


def _is_reply(message: Message[Any, Any], subject: str) -> bool:
    automatic = _header(message, "Auto-Submitted").lower().startswith("auto-replied")
    marked = any(name in message for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder"))
    return (
        automatic or marked or bool(_ABSENT.search(subject)) or "auto_reply" in _header(message, "Precedence")
    )


def _header(message: Message[Any, Any], name: str) -> str:
    from email.header import decode_header, make_header

    raw = message.get(name)
    if raw is None:
        return ""
    try:
        return str(make_header(decode_header(str(raw))))
    except (LookupError, ValueError):
        return str(raw)


def _bytes(part: Message[Any, Any]) -> bytes:
    """What stands in a part. The standard library takes the blocks of a delivery status for messages of their own."""
    blocks = part.get_payload()
    if isinstance(blocks, list):
        return b"\n".join(each.as_bytes() for each in blocks if isinstance(each, Message))
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else b""


def _texts(message: Message[Any, Any]) -> Iterator[str]:
    """Every part that is text, decoded."""
    for part in message.walk():
        if part.get_content_maintype() == "text" and not part.is_multipart():
            data = part.get_payload(decode=True)
            if isinstance(data, bytes):
                yield _decoded(data, part.get_content_charset() or "utf-8")


def _decoded(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset, "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def _own_words(text: str) -> str:
    """What the mail system says, without the message that it returns."""
    begins = re.search(
        r"^-{2,}.*(?:copy of (?:the|your) message|original message|returned message|message headers).*|^Received: |^Return-Path: ",
        text,
        re.IGNORECASE | re.MULTILINE,
    )
    return text[: begins.start()] if begins else text
