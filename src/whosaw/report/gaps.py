"""Which hours of a source are not whole."""

from __future__ import annotations

from .view_model import HourSpan, SourceView

__all__ = ["gaps_of"]


def gaps_of(source: SourceView) -> tuple[HourSpan, ...]:
    """What is not whole, in order of time."""
    return tuple(
        sorted((span for span in source.spans if span.state != "whole"), key=lambda span: span.start)
    )
