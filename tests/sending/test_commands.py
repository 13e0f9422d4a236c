"""The commands as a person types them: one telling from start to proof, each answer as its published document and as text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from tests.sending.bounce_samples import samples
from tests.sending.peer import Peer
from tests.sending.shop import PEOPLE, Shop
from typer.testing import CliRunner

from whosaw.cli.main import app

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference" / "json"
SCHEMAS = {
    path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
    for path in FOLDER.glob("*.schema.json")
}
REGISTRY: Registry[Any] = Registry().with_resources(
    [(each["$id"], Resource.from_contents(each)) for each in SCHEMAS.values()]
)


def run(shop: Shop, *words: str, code: int = 0) -> str:
    workspace = [] if words[0] in ("verify", "sender") else ["-w", str(shop.workspace)]
    done = CliRunner().invoke(app, ["notice", *words, *workspace])
    assert done.exit_code == code, done.stderr
    assert "@" not in done.stdout
    return done.stdout if not code else done.stderr


def told(shop: Shop, name: str, *words: str) -> Any:
    document = json.loads(run(shop, *words, "--json"))
    Draft202012Validator(SCHEMAS[name], registry=REGISTRY).validate(document)
    return document


def test_a_telling_from_start_to_proof(shop: Shop) -> None:
    case = str(shop.root / "case.toml")
    book = shop.book(shop.usual_book())
    frozen = told(
        shop,
        "notice-freeze",
        "freeze",
        case,
        "--texts",
        str(shop.root / "notices"),
        "-a",
        str(book),
        "--for",
        "ke",
        "--version",
        "1",
        "--now",
        "2026-11-25T12:00:00Z",
    )
    assert sum(each["rows"] for each in frozen["parts"]) == PEOPLE
    assert told(shop, "notice-status", "status", case)["tellings"][0]["told"]["waiting"] == PEOPLE
    for wave in ("staff", "1%", "10%", "rest"):
        told(shop, "notice-release", "release", "spring", wave, "--reason", "a test")
    with Peer(lambda to, times: "drop-after" if to.startswith("p2@") else "250 ok") as peer:
        sent = told(
            shop,
            "notice-send",
            "send",
            "spring",
            "--via",
            peer.address,
            "--clear",
            "--from",
            "privacy@duka.example.org",
        )
    assert sent["states"] == {"accepted": PEOPLE - 1, "unknown": 1}
    to, sender, _ = next(each for each in peer.taken if each[0].startswith("p9@"))
    (shop.root / "bounce.eml").write_bytes(next(samples(lambda: (sender, to))).raw)
    assert told(shop, "notice-bounces", "bounces", "spring", str(shop.root / "bounce.eml"))["ended"] == 1
    assert (
        told(shop, "notice-settle", "settle", "spring", "accepted", "--reason", "its log has it")["people"]
        == 1
    )
    assert told(shop, "notice-settle", "replace", "spring", "--reason", "letters")["left"] == 1
    assert told(shop, "notice-prove", "prove", "spring")["leaves"] == PEOPLE
    out = shop.root / "lines"
    (file,) = told(shop, "notice-line", "line", "spring", "9", "--out", str(out), "--reason", "asked")[
        "files"
    ]
    assert told(shop, "notice-verify", "verify", file)["line"]["state"] == "bounced"
    assert "holds" in run(shop, "verify", file)
    (shop.root / "records.txt").write_text('duka.example.org. IN TXT "v=spf1 ip4:192.0.2.10 -all"\n')
    asked = (
        "sender",
        "duka.example.org",
        "--records",
        str(shop.root / "records.txt"),
        "--server",
        "192.0.2.10",
    )
    assert told(shop, "notice-sender", *asked)["checks"][0]["answer"] == "holds"
    text = run(shop, "status", "spring")
    assert f"{PEOPLE - 1} accepted" in text.replace("\n", " ")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("status", "nobody"), "no recipients"),
        (("send", "spring", "--via", "mail.example.org", "--from", "a@example.org"), "names no mail server"),
        (
            ("send", "spring", "--via", "smtp://u:p@mail.example.org", "--from", "a@example.org"),
            "names no mail server",
        ),
        (("send", "spring", "--via", "smtp://mail.example.org", "--from", "nobody"), "no mail address"),
        (("release", "spring", "all", "--reason", "x"), "no wave"),
        (("release", "spring", "rest"), "without a reason"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(ready: Shop, words: tuple[str, ...], why: str) -> None:
    said = run(ready, *words, code=2)
    assert why in said
    assert len(said.strip().splitlines()) == 1
