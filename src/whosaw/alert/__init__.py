"""Floor 2: findings as messages, and the places they are sent to."""

from .addresses import Secrets, open_sinks
from .message import Alert, Sink, SinkDownError

__all__ = ["Alert", "Secrets", "Sink", "SinkDownError", "open_sinks"]
