"""Bytes of logs on their way to segments: which content, in which format, read, kept, and opened again."""
