"""The README as a package index shows it: what it links to and draws lies in the documentation and the source, not beside it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from hatchling.metadata.plugin.interface import MetadataHookInterface

__all__ = ["ReadmeHook", "for_an_index"]

_DOCS: Final = "https://whosaw.readthedocs.io/en/latest/"
_SOURCE: Final = "https://github.com/whosaw/whosaw/blob/main/"
_LINK: Final = re.compile(r'(?<=\]\()[^)#]+|(?<=src=")[^"]+|(?<=srcset=")[^"]+')


def for_an_index(readme: str) -> str:
    """The text with whole addresses: of a page or a picture of docs/ that of the documentation, of other files that of the source."""

    def whole(found: re.Match[str]) -> str:
        place = found[0]
        if "://" in place:
            return place
        below = place.removeprefix("docs/")
        if below == place:
            return _SOURCE + place
        return _DOCS + (below.removesuffix(".md") + ".html" if below.endswith(".md") else below)

    return _LINK.sub(whole, readme)


class ReadmeHook(MetadataHookInterface):
    """Called by the build."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Give the description of the package its text."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": for_an_index(text)}
