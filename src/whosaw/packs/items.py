"""Which items of a kind there are: every file of every folder, every fault at once."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from whosaw.core.errors import Fault, FaultsError

from .toml_file import TomlFile, load_toml

__all__ = ["item_files", "shipped"]


def shipped(*kind: str) -> Path:
    """The folder of shipped items of one kind: `detectors`, `explanations`, `context`, and so on."""
    return Path(str(files("whosaw") / "data")).joinpath(*kind)


def item_files(folders: Iterable[Path], faults: list[Fault], *, cases: bool = True) -> list[TomlFile]:
    """Every `*.toml` of the folders by name; unreadable ones, and ids used twice, become faults. Cases are left out where nobody asks for
    them (`load_toml`)."""
    found: dict[str, TomlFile] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            try:
                file = load_toml(path, cases=cases)
            except FaultsError as fault:
                faults.extend(fault.faults)
                continue
            if path.stem in found:
                first = found[path.stem].name
                faults.append(
                    file.fault("item.twice", f"{path.stem} is already defined by {first}", item=path.stem)
                )
                continue
            found[path.stem] = file
    return list(found.values())
