"""A folder of Sigma rules, checked and made ready to run. A rule that does not run is kept with the reason.

The reason is what is wrong in it (YAML, a key, a regular expression that repeats without bound), or what it asks for that
cannot be said here (a log source, a field, a modifier). Faults that refuse the folder are those of no single rule:
`placeholders.toml`, or too many rules.
"""

from __future__ import annotations

from collections.abc import Mapping

from whosaw.core.errors import Fault, FaultsError, WhosawError
from whosaw.core.extras import load_extra

from .pack import RulePack
from .rule_file import RuleTexts

__all__ = ["load_pack"]


def load_pack(texts: RuleTexts, placeholders: Mapping[str, list[str]] | None = None) -> RulePack:
    """Check and compile rules. `placeholders` are used where the folder gives none of that name."""
    load_extra(
        "sigma.collection",  # "sigma" alone may be a package of somebody else
        WhosawError(
            "sigma.not-installed",
            "Sigma rules are to be run, and pySigma is not installed",
            hint="pip install 'whosaw[sigma]', or take the rules of earlier scans out of force with `whosaw scan --no-sigma`",
        ),
    )
    from .compiling import compile_pack  # pySigma is loaded only here

    faults: list[Fault] = []
    pack = compile_pack(texts, dict(placeholders or {}), faults)
    if faults or pack is None:
        raise FaultsError("sigma.invalid", faults)
    return pack
