"""A draft as an e-mail that a mail program opens for editing: text and HTML, without what is for the preparer only."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from .draft_html import draft_html
from .draft_text import draft_text
from .draft_view import draft_view

__all__ = ["draft_mail"]


def draft_mail(document: Mapping[str, Any], *, sender: str = "", at: datetime | None = None) -> bytes:
    """What `Draft.as_json` gives, as a message of RFC 5322. The same draft gives the same bytes.

    `sender` is an address; without one, and without `at`, the mail program that sends it fills in From and Date. The subject of
    a draft with something missing begins with the word for draft.
    """
    view = draft_view(document)
    text, page = draft_text(document, sent_only=True), draft_html(document, sent_only=True)
    message = EmailMessage(policy=SMTP)
    message["Subject"] = view.title if view.complete else f"[{view.words.draft}] {view.title}"
    if sender:
        message["From"] = Address(display_name=view.organisation, addr_spec=sender)
    if at is not None:
        message["Date"] = format_datetime(at)
    message["X-Unsent"] = "1"  # mail programs that know it open the file for editing
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(page, subtype="html", cte="quoted-printable")
    message["Content-Language"] = view.words.tag  # last, as set_content takes such headers away
    message.set_boundary("=_" + hashlib.sha256((text + page).encode()).hexdigest()[:40])
    return message.as_bytes()
