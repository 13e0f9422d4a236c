"""Walks files, folders and patterns: every readable file once, everything else with a reason."""

from __future__ import annotations

import glob
import os
import stat
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from whosaw.core.errors import Where, WhosawError

from .content import Skipped, shown
from .streams import why

__all__ = ["WORKSPACE_MARK", "Finder", "Found", "root_labels"]

WORKSPACE_MARK = "whosaw-workspace.json"  # a folder with this file is whosaw's own and never read as logs
_SPECIAL = (
    (stat.S_ISSOCK, "a socket, not a file"),
    (stat.S_ISFIFO, "a named pipe, not a file; pipe it into `whosaw scan -`"),
    (stat.S_ISCHR, "a device, not a file"),
    (stat.S_ISBLK, "a device, not a file"),
)
_MAGIC = frozenset("*?[")
_OUT = "a link that leads out of the folder; name it to read it"

Identity = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A regular file. `relative` is its name below `root`, the folder that was named; both as printable text.
    `link` tells that the way to it led over a symbolic link."""

    name: str
    path: Path
    relative: str
    root: str
    link: bool
    identity: Identity


class Finder:
    """Collects what is under the named paths.

    Which of two names of one file wins never depends on their order: a real name before a link, the one with
    more folders below its root, then the alphabet.
    """

    def __init__(self) -> None:
        self._files: dict[Identity, list[Found]] = defaultdict(list)
        self._folders: dict[Identity, str] = {}
        self._links: list[tuple[str, str, str]] = []  # linked folders wait until all real ones are read
        self.skipped: list[Skipped] = []

    def take_all(self, paths: Sequence[str]) -> None:
        """Takes every path; raises `WhosawError` if one does not exist or a pattern matches nothing."""
        named: list[tuple[str, str]] = []  # path, root
        for path in paths:
            named.extend(_expand(path))
        for path, root in sorted(named, key=lambda entry: (os.path.realpath(entry[0]), entry[0])):
            if os.path.isdir(path):
                self._folder(path, os.path.abspath(path), "", link=False)
            else:
                self._named_file(path, root or ".")
        while self._links:
            path, root, relative = self._links.pop(0)
            self._folder(path, root, relative, link=True)

    def result(self) -> tuple[list[Found], list[Skipped]]:
        """Files, each once, and what is passed over."""
        kept: list[Found] = []
        for same in self._files.values():
            best, *others = sorted(same, key=lambda file: (file.link, -file.relative.count("/"), file.name))
            kept.append(best)
            for name in {file.name for file in others}:
                told = "named more than once" if name == best.name else f"the same file as {best.name}"
                self.skipped.append(Skipped(name=name, reason=f"{told}; read once"))
        return kept, self.skipped

    def _folder(self, top: str, root: str, relative: str, *, link: bool) -> None:
        waiting = [(top, relative)]
        while waiting:
            path, below = waiting.pop()
            entries = self._enter(path)
            if entries is not None and not entries and not below:
                self._skip(path, "an empty folder")
            for entry in entries or ():
                inside = f"{below}/{entry.name}" if below else entry.name
                if entry.name.startswith("."):
                    self._skip(entry.path, "hidden; name it to read it")
                elif entry.is_symlink() and os.path.isdir(entry.path):
                    if _leads_out(entry.path, root):
                        self._skip(entry.path, _OUT)
                    else:
                        self._links.append((entry.path, root, inside))
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, inside))
                else:
                    self._file(entry.path, inside, root, link=link, within=True)

    def _named_file(self, path: str, root: str) -> None:
        relative = os.path.relpath(path, root)
        straight = os.path.join(os.path.realpath(root), relative)
        self._file(path, relative, os.path.abspath(root), link=os.path.realpath(path) != straight)

    def _enter(self, path: str) -> list[os.DirEntry[str]] | None:
        """The entries of a folder, or None with the reason noted."""
        try:
            status = os.stat(path)
            identity = (status.st_dev, status.st_ino)
            if identity in self._folders:
                first = self._folders[identity]
                again = first == shown(_tidy(path))
                self._skip(
                    path, "named more than once; read once" if again else f"leads to {first}; read once"
                )
                return None
            self._folders[identity] = shown(_tidy(path))
            with os.scandir(path) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self._skip(path, f"cannot be opened: {why(error)}")
            return None
        if any(entry.name == WORKSPACE_MARK for entry in listed):
            self._skip(path, "a workspace of whosaw, not logs")
            return None
        return listed

    def _file(self, path: str, relative: str, root: str, *, link: bool, within: bool = False) -> None:
        try:
            status = os.stat(path)
        except FileNotFoundError:
            self._skip(
                path, "a link to nothing" if os.path.islink(path) else "gone since the folder was listed"
            )
            return
        except OSError as error:
            self._skip(path, f"cannot be opened: {why(error)}")
            return
        for is_special, reason in _SPECIAL:
            if is_special(status.st_mode):
                self._skip(path, reason)
                return
        if within and os.path.islink(path) and _leads_out(path, root):
            self._skip(path, _OUT)
            return
        identity = (status.st_dev, status.st_ino)
        found = Found(
            name=shown(_tidy(path)),
            path=Path(path),
            relative=shown(relative),
            root=root,
            link=link or os.path.islink(path),
            identity=identity,
        )
        self._files[identity].append(found)

    def _skip(self, path: str, reason: str) -> None:
        self.skipped.append(Skipped(name=shown(_tidy(path)), reason=reason))


def _expand(path: str) -> list[tuple[str, str]]:
    """A path with its root; a pattern as its matches, whose root is the folder before the first wildcard."""
    if os.path.lexists(path):
        return [(path, os.path.dirname(path))]
    if not _MAGIC.intersection(path):
        raise WhosawError(
            "scan.no-such-path",
            "there is no such file or folder",
            hint="Check the spelling, and the folder you are in",
            where=Where(file=shown(path) or "''"),
        )
    matches = sorted(glob.glob(path, recursive=True))
    if not matches:
        raise WhosawError(
            "scan.pattern-matches-nothing",
            "no file matches this pattern",
            hint="Check it with `ls`; `**` matches any depth of folders",
            where=Where(file=shown(path)),
        )
    first = min(path.index(char) for char in _MAGIC if char in path)
    return [(match, os.path.dirname(path[:first])) for match in matches]


def _leads_out(link: str, root: str) -> bool:
    """Whether a link leads out of the folder that was named. Whoever may write there must not choose what is read."""
    top, target = os.path.realpath(root), os.path.realpath(link)
    return target != top and not target.startswith(os.path.join(top, ""))


def _tidy(path: str) -> str:
    return path.removeprefix("./") or path


def root_labels(sources: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """For sources of one name below several roots (each a pair of both): as many last folders of the root as keep them apart."""
    by_source: dict[str, set[str]] = defaultdict(set)
    for source, root in sources:
        by_source[source].add(root)
    labels: dict[tuple[str, str], str] = {}
    for source, same in by_source.items():
        roots = {root: PurePath(root).parts for root in same}
        if len(roots) == 1:
            continue
        depth = 1
        while len({parts[-depth:] for parts in roots.values()}) < len(roots):
            depth += 1
        for root, parts in roots.items():
            label = "/".join(part for part in parts[-depth:] if part != "/")
            labels[source, root] = f"{shown(label)}/" if label else ""
    return labels
