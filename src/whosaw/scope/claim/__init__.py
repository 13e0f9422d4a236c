"""What a dump that somebody published or sent says of people, held against a scope."""

__all__: list[str] = []
