"""Checks that the whosaw which tests import is the built wheel, whole: `python tools/installed.py WHEEL`.

Without this a file that is missing from the wheel would be found in src/ by every test and by no user.
"""

from __future__ import annotations

import hashlib
import sys
import zipfile
from pathlib import Path

import whosaw

SOURCE = Path(__file__).resolve().parent.parent / "src"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def source_files() -> dict[str, str]:
    """Name inside the wheel to digest, for each file under src/ that a wheel should hold."""
    return {
        path.relative_to(SOURCE).as_posix(): digest(path.read_bytes())
        for path in SOURCE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def main() -> int:
    imported = Path(whosaw.__file__).resolve().parent
    if not imported.is_relative_to(Path(sys.prefix).resolve()):
        print(f"installed: whosaw is imported from {imported}, not from the wheel in {sys.prefix}")
        return 1
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        packed = {name: digest(wheel.read(name)) for name in wheel.namelist() if name.startswith("whosaw/")}
    here = source_files()
    found = [f"in src and not in the wheel: {name}" for name in sorted(here.keys() - packed.keys())]
    found += [f"in the wheel and not in src: {name}" for name in sorted(packed.keys() - here.keys())]
    for name in sorted(packed):
        installed = imported.parent / name
        if not installed.is_file() or digest(installed.read_bytes()) != packed[name]:
            found.append(f"installed file differs from the wheel: {name}")
        if name in here and here[name] != packed[name]:
            found.append(f"the wheel is older than src: {name}")
    print("\n".join(f"installed: {line}" for line in found) or f"installed: the wheel, {len(packed)} files")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
