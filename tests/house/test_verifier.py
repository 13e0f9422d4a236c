"""What cannot stand in one file is refused when the verifier is put together, and what can is kept as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.verifier import NotAssembledError, assemble

FRONT = '"""A front."""\n\nfrom .low import one\n\n__all__ = ["one"]\n'
LOW = '''\
"""The low one.

It says more.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography import x509

__all__ = ["one"]

# why one is so
one = (hashlib, Path, x509)  # and no other
'''
HIGH = '''\
"""The high one."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePath

from .a_later import later
from .low import one

__all__ = ["high"]


def high() -> object:
    """High."""
    return one, later, hashlib, Path, PurePath
'''
LATER = '"""A later one."""\n\nfrom __future__ import annotations\n\n__all__ = ["later"]\n\nlater = 2\n'
ENTRY = '"""Runs."""\n\nfrom .high import high\n\nif __name__ == "__main__":\n    high()\n'


def _package(folder: Path, **changed: str | None) -> Path:
    texts = {"__init__": FRONT, "low": LOW, "high": HIGH, "a_later": LATER, "__main__": ENTRY, **changed}
    for name, text in texts.items():
        if text is not None:
            (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


def test_modules_become_one_file_in_the_order_of_use(tmp_path: Path) -> None:
    assert (
        assemble(_package(tmp_path))
        == '''\
"""A front."""

# Made by `python -m tools.verifier --write` from the modules in src/whosaw/evidence/verify: change those, not this file.
# They stand here whole, in the order in which they are used, each behind those that it needs.

from __future__ import annotations

import hashlib
from pathlib import Path, PurePath

from cryptography import x509

__all__ = ["one"]


# -- low: The low one.
#
# It says more.

# why one is so
one = (hashlib, Path, x509)  # and no other


# -- a_later: A later one.

later = 2


# -- high: The high one.


def high() -> object:
    """High."""
    return one, later, hashlib, Path, PurePath


# -- __main__: Runs.

if __name__ == "__main__":
    high()
'''
    )


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (
            {"low": LOW.replace("import hashlib\n", "import hashlib\n\nfrom .high import high\n")},
            "a circle of imports: high -> low -> high",
        ),
        (
            {"low": LOW.replace("from pathlib import Path", "from pathlib import Path as Way")},
            "low imports under another name",
        ),
        (
            {"low": LOW.replace("from pathlib import Path", "from pathlib import *")},
            "low imports under another name",
        ),
        ({"low": LOW.replace("from cryptography import x509", "import pyarrow")}, "low imports pyarrow"),
        (
            {"low": LOW.replace("from cryptography import x509", "from whosaw.core import errors")},
            "low imports whosaw.core",
        ),
        (
            {"low": LOW.replace("from cryptography import x509", "from ..keys import x509")},
            "low imports what is no module beside it",
        ),
        (
            {"low": LOW.replace("from cryptography import x509", "from . import x509")},
            "low imports what is no module beside it",
        ),
        (
            {"low": LOW.replace("import hashlib\n", "import hashlib  # for digests\n")},
            "low has a comment among its imports",
        ),
        ({"low": LOW + "import json\n"}, "low has an import or `__all__` below its first definition"),
        ({"low": LOW + "if one:\n    import json\n"}, "low imports inside of its code, in line"),
        (
            {"low": LOW + "\n\ndef two() -> None:\n    import json\n"},
            "low imports inside of its code, in line",
        ),
        ({"low": LOW + "later = 3\n"}, "later is defined in a_later and in low"),
        ({"low": LOW + "PurePath = 3\n"}, "PurePath is defined in low and in pathlib"),
        (
            {"low": LOW.replace("from pathlib import Path", "from zipfile import Path")},
            "Path is imported from pathlib and from zipfile",
        ),
        (
            {"low": LOW.replace('"""The low one.\n\nIt says more.\n"""\n', "")},
            "low does not say what it is for",
        ),
        ({"low": '"""Nothing."""\n'}, "low holds nothing"),
        ({"low": None}, "high needs low, which is not there"),
        ({"spare": LATER.replace("later", "spare")}, "spare is needed by no other module"),
        ({"__init__": FRONT.replace('"one"', '"two"')}, "__init__ offers two, which no module defines"),
        ({"__init__": '"""A front."""\n'}, "__init__ needs a docstring and `__all__`"),
    ],
)
def test_what_cannot_stand_in_one_file_is_refused(
    tmp_path: Path, changed: dict[str, str | None], why: str
) -> None:
    with pytest.raises(NotAssembledError) as refused:
        assemble(_package(tmp_path, **changed))
    assert why in str(refused.value)
