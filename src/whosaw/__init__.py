"""whosaw finds out who saw whose personal data."""

__version__ = "0.1.0"
