"""`whosaw replay`: breaches that never happened, with the truth about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from .app import EXIT_FOUND, JsonFlag, KeyFile, fail_clearly, print_json
from .from_project import FromProject, PathTexts

__all__ = ["replay_app"]

replay_app = typer.Typer(
    help="Make logs of a shop with a known breach, of any size, and score what a scan finds.",
    no_args_is_help=True,
)

Damages = Annotated[
    list[str] | None,
    typer.Option(
        "--damage", help="What happens to the logs: a name that `whosaw replay list` shows, or a TOML file."
    ),
    PathTexts(names=True),
]
Seed = Annotated[
    int, typer.Option(min=0, help="Another seed gives another result. The same seed gives the same bytes.")
]


@replay_app.command("list")
@fail_clearly
def list_(json: JsonFlag = False) -> None:
    """List the breaches, the damage and the shops to imitate that are known."""
    from whosaw.app.replay import list_replays
    from whosaw.core.document import document

    from .texts.replay import show_list

    answer = list_replays()
    print_json(document(answer)) if json else show_list(answer)


@replay_app.command("make")
@fail_clearly
def make(
    folder: Annotated[Path, typer.Argument(help="Where to put it: a new or an empty folder.")],
    breach: Annotated[
        str | None,
        typer.Option(help="A breach that `whosaw replay list` shows, or a TOML file.", show_default="none"),
        PathTexts(names=True),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(help="A shop or case to imitate: a name that `whosaw replay list` shows under like."),
        PathTexts(names=True),
    ] = None,
    scale: Annotated[
        float, typer.Option(help="Size of the shop, as a multiple of the size in its item.")
    ] = 1.0,
    seed: Seed = 1,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change a value of the shop, such as span.days=14."),
    ] = None,
    events: Annotated[
        bool, typer.Option("--events", help="Write events as Parquet instead of log lines.")
    ] = False,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="SERVICE=FORMAT",
            help="SERVICE=FORMAT: another log format for one service, such as web=combined.",
        ),
    ] = None,
    damage: Damages = None,
    runner: Annotated[
        str | None,
        typer.Option(
            help="Who makes them: local (threads here), or Spark as spark, spark://HOST:PORT, local[N] or sc://HOST:PORT.",
            show_default="local",
        ),
        FromProject("runner"),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Make a shop's logs with a breach in them, the context and map for a scan, and the truth."""
    from whosaw.app.replay import Order
    from whosaw.app.replay import make as run
    from whosaw.core.document import document

    from .progress import steps
    from .texts.replay import show_made

    order = Order(
        breach=breach,
        like=like,
        scale=scale,
        seed=seed,
        settings=settings or (),
        events=events,
        formats=_pairs(formats or ()),
        damages=damage or (),
    )
    with _whole_or_nothing(), steps(quiet=json) as progress:
        made = run(folder, order, runner=runner or "local", progress=progress)
    print_json(document(made)) if json else show_made(made)


@replay_app.command("damage")
@fail_clearly
def damage(
    replay: Annotated[Path, typer.Argument(help="A replay that `whosaw replay make` made.")],
    twin: Annotated[Path, typer.Argument(help="Where to put the damaged one: a new or an empty folder.")],
    damage: Damages = None,
    seed: Seed = 1,
    json: JsonFlag = False,
) -> None:
    """Make a twin of a replay whose logs are damaged. The truth stays what it was."""
    from whosaw.app.replay import damage_replay
    from whosaw.core.document import document

    from .progress import steps
    from .texts.replay import show_made

    with _whole_or_nothing(), steps(quiet=json) as progress:
        made = damage_replay(replay, twin, damage or (), seed=seed, progress=progress)
    print_json(document(made)) if json else show_made(made)


@replay_app.command("score")
@fail_clearly
def score(
    workspace: Annotated[
        Path, typer.Argument(help="Folder that holds the ledger of a scan of the replay's logs.")
    ],
    truth: Annotated[Path, typer.Argument(help="The replay: its folder, or its truth.json.")],
    key_file: KeyFile = None,
    exit_code: Annotated[
        bool,
        typer.Option("--exit-code", help="Exit with 1 when the breach was not found or a finding is false."),
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Compare what a scan found with what really happened: how much, how early, how many false findings."""
    from whosaw.app.replay_score import score_replay
    from whosaw.core.document import document, object_of

    from .texts.replay import show_score

    scored = score_replay(workspace, truth, key_file=key_file)
    if json:
        about = {"replay": document(scored.replay), "workspace": str(scored.workspace)}
        print_json(about | object_of(scored.score))
    else:
        show_score(scored.score)
    if exit_code and (scored.score.answer == "not found" or scored.score.findings.false):
        raise typer.Exit(EXIT_FOUND)


@contextmanager
def _whole_or_nothing() -> Iterator[None]:
    """A replay that is stopped is not gone on with, unlike a scan: say so."""
    from whosaw.core.errors import WhosawError

    try:
        yield
    except KeyboardInterrupt as fault:
        hint = "Run the same command again"
        raise WhosawError("replay.stopped", "stopped; nothing was left behind", hint=hint) from fault


def _pairs(texts: Sequence[str]) -> Mapping[str, str]:
    """SERVICE=FORMAT texts by service; raises `WhosawError` for a text without both."""
    from whosaw.core.errors import WhosawError

    pairs: dict[str, str] = {}
    for text in texts:
        service, _, name = text.partition("=")
        if not service or not name:
            raise WhosawError(
                "replay.bad-format", f"{text!r} is not SERVICE=FORMAT", hint="Write it like web=combined"
            )
        pairs[service] = name
    return pairs
