"""The command that opens the console in a browser."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .app import WORKSPACE, JsonFlag, KeyFile, WorkspaceDir, fail_clearly, now, print_json
from .from_project import FromProject
from .shown_zone import shown_zone

__all__ = ["serve"]

_PORT = 8477


@fail_clearly
def serve(
    workspace: WorkspaceDir = WORKSPACE,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Port on this machine; 0 takes any that is free.")
    ] = _PORT,
    invite: Annotated[
        str | None,
        typer.Option("--invite", help="Print a one-time link for this name, and serve nothing."),
    ] = None,
    roles: Annotated[
        list[str] | None,
        typer.Option(
            "--role", help="With --invite: investigator, privacy-officer, auditor or administrator."
        ),
    ] = None,
    cases: Annotated[
        list[str] | None,
        typer.Option("--case", help="With --invite: this case alone. Repeatable."),
    ] = None,
    behind: Annotated[
        str | None,
        typer.Option(
            "--behind-proxy",
            metavar="https://HOST",
            help="People come through a proxy that speaks TLS, at this address.",
        ),
    ] = None,
    proxies: Annotated[
        list[str] | None,
        typer.Option(
            "--proxy", metavar="ADDRESS", help="The proxy, where it is not on this machine. Repeatable."
        ),
    ] = None,
    listen: Annotated[
        str,
        typer.Option("--listen", metavar="ADDRESS", help="With --behind-proxy: where the proxy finds it."),
    ] = "127.0.0.1",
    public: Annotated[
        Path | None,
        typer.Option(
            "--public", metavar="TABLE", help="Open the look-up page of this table, and no console."
        ),
    ] = None,
    table_key: Annotated[
        Path | None,
        typer.Option(
            "--table-key", help="With --public: its key.", show_default="the table with .key at its end"
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder",
            help="With --public: where requests are kept.",
            show_default="the table with .kept at its end",
        ),
    ] = None,
    address: Annotated[
        str,
        typer.Option(
            "--address", help="With --public: where people find it, such as https://leak.example.org."
        ),
    ] = "",
    via: Annotated[
        str | None,
        typer.Option(
            "--via", help="With --public: the mail server that answers leave by, smtp://[USER@]HOST[:PORT]."
        ),
    ] = None,
    sender: Annotated[
        str, typer.Option("--from", help="With --public: address that answers come from.")
    ] = "",
    clear: Annotated[
        bool, typer.Option("--clear", help="With --public: send without TLS, to this machine.")
    ] = False,
    messages: Annotated[
        Path | None,
        typer.Option("--messages", help="With --public: folder that messages to telephones are put into."),
    ] = None,
    statement: Annotated[
        Path | None, typer.Option("--statement", help="With --public: what `whosaw lookup sign` wrote.")
    ] = None,
    hops: Annotated[
        int,
        typer.Option("--hops", min=0, max=9, help="With --public: web servers of yours in front of it."),
    ] = 0,
    pace: Annotated[int, typer.Option("--pace", min=1, help="With --public: answers a minute.")] = 60,
    expected: Annotated[
        int, typer.Option("--expected", min=1, help="With --public: requests a minute that are no surprise.")
    ] = 600,
    sign_on: Annotated[
        str | None,
        typer.Option(
            "--sign-on",
            metavar="URL",
            help="With --public: The OpenID provider where customers sign in to read their answer.",
        ),
    ] = None,
    client_id: Annotated[
        str | None, typer.Option("--client-id", help="With --sign-on: what the provider knows the page by.")
    ] = None,
    secret_file: Annotated[
        Path | None,
        typer.Option(
            "--secret-file", help="With --sign-on: the client's secret, which nobody else may read."
        ),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(
            "--tz",
            metavar="ZONE",
            help="Zone in which pages tell times until somebody chooses another one, such as Asia/Seoul.",
            show_default="that of whosaw.toml, or UTC",
        ),
        FromProject("zone"),
    ] = None,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Open the console for people without a terminal: findings, people, coverage and who looked, in a browser on this machine.

    The first time it prints a link that chooses your password. With --public it opens the look-up page instead, where people ask what of
    their data was seen.
    """
    if public is not None:
        from .serve_public import serve_table

        serve_table(
            public, port=port, json=json, table_key=table_key, folder=folder, address=address, via=via, sender=sender, clear=clear,
            messages=messages, statement=statement, hops=hops, pace=pace, expected=expected, sign_on=sign_on,
            client_id=client_id, secret_file=secret_file,
        )  # fmt: skip
        return
    from whosaw.app.console.gate import Role
    from whosaw.app.console.serving import invite_on_terminal, open_console
    from whosaw.core.errors import WhosawError
    from whosaw.core.extras import load_extra

    from .complaints import complain
    from .console import say

    if invite is not None:
        unknown = [each for each in roles or () if each not in tuple(Role)]
        if unknown:
            raise WhosawError("account.role", f"{unknown[0]!r} is no role", hint=f"One of {', '.join(Role)}")
        token = invite_on_terminal(
            workspace,
            invite,
            [Role(each) for each in roles or ()],
            now=now(),
            cases=cases or None,
            key_file=key_file,
        )
        if json:
            print_json({"name": invite, "link": f"/enter/{token}"})
            return
        say(f"/enter/{token}")
        say("Put the address of the console before it. It works once, for 24 hours.")
        return
    missing = WhosawError(
        "web.missing",
        "the console needs libraries that are not installed",
        hint="pip install 'whosaw[web]'",
    )
    for each in ("litestar", "jinja2", "uvicorn", "argon2", "babel", "prometheus_client"):
        load_extra(each, missing)
    from whosaw.web.behind import behind_proxy
    from whosaw.web.serve import serve as run

    shown_zone(zone)  # one that there is not is refused before anything is served
    through = None if behind is None else behind_proxy(behind, proxies or ())
    opened = open_console(workspace, now=now(), key_file=key_file)

    def told(address: str, listening: str) -> None:
        if json:
            name, token = opened.first or (None, None)
            link = None if token is None else f"{address}/enter/{token}"
            print_json({"address": address, "listening": listening, "name": name, "link": link})
            sys.stdout.flush()  # whoever waits for it is told before anything is served
            return
        if opened.first is not None:
            name, token = opened.first
            say(f"{address}/enter/{token}")
            say(
                f"Open this once to choose the password of {name}; it works for 24 hours. After that: {address}"
            )
        else:
            say(address)
        if through is not None:
            say(f"The proxy finds it at http://{listening}")
        say("Ctrl-C stops it.")

    run(
        workspace,
        now=now,
        port=port,
        told=told,
        said=complain,
        key_file=key_file,
        behind=through,
        listen=listen,
        zone=zone or "UTC",
    )
