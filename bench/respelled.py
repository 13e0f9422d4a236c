"""Respells the demo's attack and tells how early each spelling is found: `python -m bench.respelled [--only WORD ...] [--scale S]`.

The shop and the breach of `whosaw demo` are made once. Then each line of the attacker in the logs is written again with its request
spelled in another way, one way a run, and all logs are read and searched as the demo does. The ways are of the families that
`tests/servers` sends to real servers, and of each family those that some server answered with the page. Writes
docs/performance/respelled.json after each run; rows that were not measured are kept.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import shutil
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from bench.measure import run

__all__ = ["PLAIN", "RESULTS", "SPELLINGS", "Spelling", "respelled"]

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "performance" / "respelled.json"
WHOSAW = str(Path(sys.executable).parent / "whosaw")
_BREACH: Final = "forged-token"  # that of the demo
_SEED: Final = 1
_REQUEST = re.compile(r'"(?P<method>[A-Z]+) (?P<path>/\S*) (?P<version>HTTP/[0-9.]+)"')
Turn = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """One way to write a request as a log shows it: what becomes of its path, and what stands around that."""

    family: str
    path: Turn = str
    line: str = "{method} {path} {version}"

    def of(self, method: str, path: str, version: str) -> str:
        return self.line.format(
            method=method,
            lower=method.lower(),
            path=self.path(path),
            version=version,
            oddly=version[:-1] + "01",
        )

    @property
    def example(self) -> str:
        return self.of("GET", "/my/addresses", "HTTP/1.1")


def _before(text: str) -> Turn:
    return lambda path: text + path


def _behind(text: str) -> Turn:
    return lambda path: path + text


def _inner(text: str) -> Turn:
    """All slashes but the first."""
    return lambda path: "/" + path[1:].replace("/", text)


def _first(text: str) -> Turn:
    """Behind the first segment."""
    return lambda path: re.sub(r"^(/[^/]+)", lambda found: found[1] + text, path)


def _letter(text: str) -> Turn:
    """In place of the first letter."""
    return lambda path: (
        "/" + text.format(code=ord(path[1]), wide=ord(path[1]) + 0xFEE0 & 0x3F | 0x80) + path[2:]
    )


PLAIN = Spelling(family="plain")
SPELLINGS: Final = (
    Spelling(family="gap", line="{method}  {path} {version}"),
    Spelling(family="gap", line="{method} {path}   {version}"),
    Spelling(family="gap", line="{method} {path} {version} "),
    Spelling(family="tail", path=_behind("#frag")),
    Spelling(family="tail", path=_behind(".css")),
    Spelling(family="tail", path=_behind("/x.css")),
    Spelling(family="tail", path=_before("/index.php")),
    Spelling(family="query", path=_behind("?a=b&a=c")),
    Spelling(family="parameter", path=_behind(";x")),
    Spelling(family="parameter", path=_first(";a=b")),
    Spelling(family="parameter", path=_before("/x/..;")),
    Spelling(family="slash", path=_inner("%2F")),
    Spelling(family="slash", path=_inner("//")),
    Spelling(family="slash", path=_behind("/")),
    Spelling(family="slash", path=_inner("\\x5C")),
    Spelling(family="slash", path=_inner("%5c")),
    Spelling(family="percent", path=_letter("%{code:02x}")),
    Spelling(family="percent", path=_letter("%25{code:02x}")),
    Spelling(family="dots", path=_before("/a/..")),
    Spelling(family="dots", path=_before("/a/%2e%2e")),
    Spelling(family="dots", path=_before("/a/..%2f")),
    Spelling(family="case", path=str.upper),
    Spelling(family="target", path=_before("http://shop.example.org")),
    Spelling(family="target", path=_before("//h")),
    Spelling(family="target", path=_before("http:")),
    Spelling(family="method", line="{lower} {path} {version}"),
    Spelling(family="method", line="POST {path} {version}"),
    Spelling(family="version", line="{method} {path} {oddly}"),
    Spelling(family="version", line="{method} {path}"),
    Spelling(family="bytes", path=_behind("%00")),
    Spelling(family="bytes", path=_behind("%0a")),
    Spelling(family="bytes", path=_letter("%ef%bd%{wide:02x}")),
)


def respelled(replay: Path, copy: Path, spelling: Spelling) -> int:
    """A copy of a replay in which each request of the breach is spelled so; returns how many were."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(replay, copy)
    told = json.loads((replay / "truth.json").read_text(encoding="utf-8"))
    changed = 0
    for name, service in told["services"].items():
        table = copy / "truth" / f"lines-{name}.parquet"
        if not table.exists():
            continue
        rows = pq.read_table(table, columns=["file", "line", "part"])
        own: dict[str, set[int]] = defaultdict(set)
        for file, line, part in zip(
            *(rows[each].to_pylist() for each in ("file", "line", "part")), strict=True
        ):
            if part == told["breach"]:
                own[file].add(line)
        for file, lines in own.items():
            changed += _rewritten(copy / service["folder"] / file, lines, spelling)
    return changed


def _rewritten(log: Path, lines: set[int], spelling: Spelling) -> int:
    packed = log.suffix == ".gz"
    text = log.read_bytes()
    rows = (gzip.decompress(text) if packed else text).decode().splitlines(keepends=True)
    changed = 0
    for number in lines:
        rows[number - 1], times = _REQUEST.subn(
            lambda found: f'"{spelling.of(found["method"], found["path"], found["version"])}"',
            rows[number - 1],
        )
        changed += times
    data = "".join(rows).encode()
    log.write_bytes(gzip.compress(data, 1, mtime=0) if packed else data)
    return changed


def measured(replay: Path, folder: Path, spelling: Spelling) -> dict[str, Any]:
    """One spelling: after how many people it was found, and what is said of it then."""
    copy, ledger = folder / "copy", folder / "ledger"
    shutil.rmtree(ledger, ignore_errors=True)
    lines = respelled(replay, copy, spelling)
    told = json.loads((copy / "truth.json").read_text(encoding="utf-8"))
    logs = sorted({copy / each["folder"] for each in told["services"].values()})
    _whosaw(
        "scan",
        *filter(Path.is_dir, logs),
        "--map",
        copy / "map.toml",
        "--context",
        copy / "context",
        "--workspace",
        ledger,
    )
    score = _whosaw("replay", "score", ledger, copy)
    first, findings = score["first_finding"], score["findings"]
    shutil.rmtree(copy)
    shutil.rmtree(ledger)
    return {
        "family": spelling.family,
        "request": spelling.example,
        "lines": lines,
        "answer": score["answer"],
        "persons_before": first["persons_before"] if first else None,
        "findings": findings["true"],
        "false": findings["false"],
        "bounds": {each["unit"]: [each["lower"], each["upper"], each["truth"]] for each in score["bounds"]},
    }


def _whosaw(*words: object) -> Any:
    return json.loads(run([WHOSAW, *map(str, words), "--json"], watch=False).output)


def _kept(place: Path) -> dict[str, Mapping[str, Any]]:
    rows = json.loads(place.read_text(encoding="utf-8"))["rows"] if place.exists() else []
    return {row["request"]: row for row in rows}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.respelled")
    parser.add_argument(
        "--only", nargs="+", help="the spellings whose family or example holds one of these words"
    )
    parser.add_argument("--scale", type=float, default=1.0, help="size of the shop, of that of the demo")
    parser.add_argument("--folder", type=Path, default=ROOT / ".build" / "bench" / "respelled")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the numbers go")
    options = parser.parse_args()
    replay = options.folder / "replay"
    shutil.rmtree(replay, ignore_errors=True)
    made = _whosaw("replay", "make", replay, "--breach", _BREACH, "--seed", _SEED, "--scale", options.scale)
    rows = _kept(options.results)
    for spelling in (PLAIN, *SPELLINGS):
        words = f"{spelling.family} {spelling.example}"
        if options.only and not any(each in words for each in options.only):
            continue
        row = {
            **measured(replay, options.folder, spelling),
            "scale": options.scale,
            "log_lines": made["lines"],
        }
        rows[row["request"]] = row
        print(
            f"{row['family']:10} {row['request']:46} after {row['persons_before']} findings {row['findings']} {row['bounds']}",
            flush=True,
        )
        order = [each.example for each in (PLAIN, *SPELLINGS)]
        document = {"rows": sorted(rows.values(), key=lambda each: order.index(each["request"]))}
        options.results.parent.mkdir(parents=True, exist_ok=True)
        options.results.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    shutil.rmtree(replay)
    return 0


if __name__ == "__main__":
    sys.exit(main())
