"""A path that was seen, as the template it stands for: `/a/42/b/7` is `/a/{id}/b/{id2}`."""

from __future__ import annotations

from .path_shape import path_shape

__all__ = ["template_of_path", "template_of_shape"]


def template_of_path(path: str) -> str:
    """The template of one path."""
    return template_of_shape(path_shape(path).text)


def template_of_shape(shape: str) -> str:
    """Places such as `{number}` renamed so that each name stands once (id, id2); mail and phone stay.

    Literal braces and stars, which a template cannot spell, become open places too.
    """
    out: list[str] = []
    seen: dict[str, int] = {}
    for segment in shape.split("/")[1:]:
        place = _place(segment)
        if place is None:
            out.append(segment)
            continue
        before, name, after = place
        seen[name] = seen.get(name, 0) + 1
        out.append(f"{before}{{{name}{seen[name] if seen[name] > 1 else ''}}}{after}")
    return "/" + "/".join(out)


def _place(segment: str) -> tuple[str, str, str] | None:
    before, opened, rest = segment.partition("{")
    kind, closed, after = rest.partition("}")
    if (
        opened
        and closed
        and kind in ("mail", "phone", "date")
        and not any(sign in after + before for sign in "{}*")
    ):
        return before, kind, after
    if opened and closed and kind in ("number", "uuid", "hex", "token", "word") and not _odd(before + after):
        return before, "id" if kind != "word" else "word", after
    if _odd(segment):
        return "", "id", ""
    return None


def _odd(text: str) -> bool:
    return any(sign in text for sign in "{}*%?#") or any(ord(sign) < 32 or ord(sign) == 127 for sign in text)
