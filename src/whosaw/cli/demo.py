"""The demo on the terminal."""

from __future__ import annotations

from pathlib import Path

__all__ = ["run_demo"]


def run_demo(folder: Path, *, seed: int, json: bool) -> None:
    """Make, scan and tell; prints the story or one JSON document."""
    from whosaw.app.demo import run_demo as run
    from whosaw.core.document import document
    from whosaw.report.story import demo_story

    from .app import now, print_json
    from .console import Console
    from .progress import bars

    with bars(quiet=json) as progress:
        demo = run(
            folder,
            seed=seed,
            now=now(),
            progress=progress,
            making=lambda what, done, _total: progress.stage(what) if not done else None,
        )
    if json:
        print_json(document(demo))
    else:
        Console(highlight=False).print(demo_story(demo.story))
