"""Whether to colour: NO_COLOR, CLICOLOR and CLICOLOR_FORCE as https://no-color.org and https://bixense.com/clicolors say.

The library that draws knows NO_COLOR, FORCE_COLOR and whether it writes to a terminal; the other two are told to it in its words.
"""

from __future__ import annotations

from collections.abc import MutableMapping

__all__ = ["settle_colours"]


def settle_colours(environment: MutableMapping[str, str]) -> None:
    """NO_COLOR goes before all; then CLICOLOR_FORCE colours everywhere, and CLICOLOR=0 nowhere."""
    if environment.get("NO_COLOR"):
        environment.pop("FORCE_COLOR", None)
    elif environment.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        environment["FORCE_COLOR"] = "1"
    elif environment.get("CLICOLOR") == "0":
        environment["NO_COLOR"] = "1"
