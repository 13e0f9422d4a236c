"""The gate as the console knows it; it stands in `app.gating`, for every door asks it."""

from whosaw.app.gating.rights import RIGHTS, Answer, Role, Somebody, Thing, Verb, may, refusal

__all__ = ["RIGHTS", "Answer", "Role", "Somebody", "Thing", "Verb", "may", "refusal"]
