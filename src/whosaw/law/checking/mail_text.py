"""What the reader of an e-mail sees: its subject, then its HTML form where it has one, else its plain one."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from .html_text import html_blocks
from .text import Block, blocks_of_plain

__all__ = ["mail_blocks"]


def mail_blocks(raw: bytes) -> tuple[list[Block], tuple[str, ...]]:
    """Blocks, the subject as the heading; and the names of attachments, which are not read."""
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(preferencelist=("html", "plain"))
    blocks: list[Block] = []
    if subject := str(message.get("subject", "")).strip():
        blocks.append(Block(text=subject, heading=True))
    if body is not None:
        content = body.get_content()
        text = content if isinstance(content, str) else content.decode("utf-8", "replace")
        blocks += html_blocks(text) if body.get_content_subtype() == "html" else blocks_of_plain(text)
    attached = tuple(
        f"attachment {part.get_filename() or part.get_content_type()}" for part in message.iter_attachments()
    )
    return blocks, attached
