"""A draft as an e-mail that a mail program opens for editing: text and HTML, without what is for the preparer only."""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.charset import QP, Charset
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime, quote
from pathlib import Path
from typing import Any

from whosaw.core.draft import Draft

from .draft_html import draft_html
from .draft_text import draft_text
from .draft_view import draft_view

__all__ = ["draft_mail"]


def draft_mail(
    draft: Draft, *, sender: str = "", at: datetime | None = None, own: Path | None = None
) -> bytes:
    """A draft as a message of RFC 5322. The same draft gives the same bytes.

    `sender` is an address; without one, and without `at`, the mail program that sends it fills in From and Date. The subject of
    a draft with something missing begins with the word for draft.
    """
    view = draft_view(draft, own)
    text, page = draft_text(draft, sent_only=True, own=own), draft_html(draft, sent_only=True, own=own)
    # the older classes, as the newer ones lose blanks where a long subject in Korean is folded
    boundary = "=_" + hashlib.sha256((text + page).encode()).hexdigest()[:40]
    parts = [_part("plain", text), _part("html", page)]
    message: Message[Any, Any] = MIMEMultipart("alternative", boundary, parts)
    subject = view.title if view.complete else f"[{view.words.draft}] {view.title}"
    message["Subject"] = _header("Subject", subject)
    if sender:
        # a name in letters of ASCII may hold marks that mean something in an address
        name = view.organisation
        named = _header("From", f'"{quote(name)}"' if name.isascii() else name)
        named.append(f"<{''.join(sender.split())}>", "us-ascii")
        message["From"] = named
    if at is not None:
        message["Date"] = format_datetime(at)
    message["Content-Language"] = view.words.tag
    message["X-Unsent"] = "1"  # mail programs that know it open the file for editing
    return message.as_bytes(policy=compat32.clone(linesep="\r\n"))


def _part(kind: str, text: str) -> MIMENonMultipart:
    utf8 = Charset("utf-8")
    utf8.body_encoding = QP
    part = MIMENonMultipart("text", kind)
    part.set_payload(text, utf8)
    return part


def _header(name: str, text: str) -> Header:
    return Header(text, "us-ascii" if text.isascii() else "utf-8", header_name=name)
