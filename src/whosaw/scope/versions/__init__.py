"""The document of a version of a case, what is open in it, and how two versions differ."""

__all__: list[str] = []
