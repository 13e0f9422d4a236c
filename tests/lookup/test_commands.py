"""The commands of the look-up page, as somebody types them."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from tests.lookup.page import open_page
from tests.schemas import validate
from tests.sending.shop import Shop
from typer.testing import CliRunner, Result

from whosaw.cli.main import app


def typed(folder: Path, *words: str) -> Result:
    with contextlib.chdir(folder):
        return CliRunner().invoke(app, list(words))


def told(folder: Path, schema: str, *words: str, code: int = 0) -> Any:
    done = typed(folder, *words, "--json")
    assert done.exit_code == code, done.stderr
    document = json.loads(done.stdout)
    validate(schema, document)
    return document


def test_every_command_says_what_it_did(shop: Shop, tmp_path: Path) -> None:
    root = shop.root
    built = told(
        root,
        "lookup-build",
        "lookup",
        "build",
        "case.toml",
        "2",
        "-a",
        "people.csv",
        "-o",
        "t.lookup",
        "-w",
        "ws",
        "--codes",
        "codes.csv",
    )
    assert built["days"] == "of each person"
    assert built["books"][0]["rows"] == 11
    shown = typed(
        root,
        "lookup",
        "build",
        "case.toml",
        "1",
        "-a",
        "people.csv",
        "-w",
        "ws",
        "--canaries",
        "canaries.txt",
    ).stdout
    assert "spring-1.lookup with" in shown
    assert "2 contacts are canaries" in shown
    assert "Days are those of the case" in shown, "logs were read since version 1"
    typed(root, "evidence", "key", "signing.pem")
    signed = told(
        root,
        "lookup-sign",
        "lookup",
        "sign",
        "t.lookup",
        "--address",
        "https://leak.example.org",
        "--key",
        "signing.pem",
    )
    (root / "saved.html").write_text("<p>another</p>")
    assert (
        told(
            root,
            "lookup-verify",
            "lookup",
            "verify",
            "page.json",
            "saved.html",
            "--signer",
            signed["signer"],
            code=2,
        )["answer"]
        == "broken"
    )
    page = open_page(root, root)
    page.close()
    kept = root / "t.lookup.kept"
    (root / "kept").rename(kept)
    assert told(root, "lookup-warnings", "lookup", "warnings", str(kept), "-w", "ws")["fresh"] == 0
    braked = told(
        root, "lookup-brake", "lookup", "brake", str(kept), "on", "--reason", "numbers are tried", "-w", "ws"
    )
    assert braked["until"] is not None
    assert (
        "answers go on"
        in typed(root, "lookup", "brake", str(kept), "off", "--reason", "over", "-w", "ws").stdout
    )


def test_what_is_wrong_is_said_in_one_line(shop: Shop) -> None:
    for words, why in (
        (("lookup", "build", "case.toml", "9", "-a", "people.csv", "-w", "ws"), "has no version 9"),
        (("lookup", "build", "case.toml", "1", "-a", "nobody.csv", "-w", "ws"), "cannot be read"),
        (
            ("lookup", "build", "case.toml", "1", "-a", "people.csv", "-w", "ws", "--lang", "xx"),
            "is written in the language xx",
        ),
        (("serve", "--public", "none.lookup", "--messages", "out"), "none.lookup"),
        (("serve", "--public", "none.lookup"), "neither a mail server nor a folder"),
        (("lookup", "brake", "ws", "half"), "on or off"),
    ):
        done = typed(shop.root, *words)
        assert done.exit_code == 2, (words, done.output)
        assert why in done.stderr, done.stderr
        assert done.stderr.startswith("whosaw: ")
        assert "Traceback" not in done.stderr
