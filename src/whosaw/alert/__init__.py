"""Floor 2: findings as messages, and the places they are sent to."""

from .addresses import Secrets, open_sinks
from .message import Alert, Sink, SinkDownError, key_of

__all__ = ["Alert", "Secrets", "Sink", "SinkDownError", "key_of", "open_sinks"]
