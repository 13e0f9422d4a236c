"""`whosaw serve --public`: the look-up page, which is no console and opens no workspace."""

from __future__ import annotations

import sys
from pathlib import Path

from whosaw.core.errors import WhosawError
from whosaw.core.extras import load_extra

from .app import now, print_json, secret
from .complaints import complain
from .console import say
from .lookup import table_key_of

__all__ = ["serve_table"]


def serve_table(
    table: Path,
    *,
    port: int,
    json: bool,
    table_key: Path | None,
    folder: Path | None,
    address: str,
    via: str | None,
    sender: str,
    clear: bool,
    messages: Path | None,
    statement: Path | None,
    hops: int,
    pace: int,
    expected: int,
    sign_on: str | None = None,
    client_id: str | None = None,
    secret_file: Path | None = None,
) -> None:
    """Serve the look-up page of a table until it is stopped."""
    missing = WhosawError(
        "web.missing",
        "the look-up page needs libraries that are not installed",
        hint="pip install 'whosaw[web,send,sso]'",
    )
    more = (*(("aiosmtplib",) if via else ()), *(("authlib", "requests") if sign_on else ()))
    for each in ("litestar", "jinja2", "uvicorn", *more):
        load_extra(each, missing)
    from urllib.parse import urlsplit

    from whosaw.app.oidc.provider import Provider
    from whosaw.lookup.limits import Limits
    from whosaw.sending.smtp import mail_server
    from whosaw.web.public.serve import Serving, serve_public

    if via is not None and (
        sender.count("@") != 1 or not sender.isascii() or any(each in sender for each in " <>\r\n")
    ):
        raise WhosawError(
            "notice.sender", "--from is no mail address", hint="Write it like privacy@example.org"
        )
    host = urlsplit(address).netloc
    if address and (not host or urlsplit(address).scheme not in ("http", "https")):
        raise WhosawError(
            "lookup.address",
            f"{address!r} is no address of a page",
            hint="Write it like https://leak.example.org",
        )
    if sign_on is not None and not client_id:
        raise WhosawError(
            "sso.client", "the provider has to know the page by a client id", hint="Say --client-id"
        )
    serving = Serving(
        table=table,
        table_key=table_key_of(table, table_key),
        folder=folder or table.with_name(f"{table.name}.kept"),
        port=port,
        address=address,
        hosts=(host,) if host else (),
        server=None
        if via is None
        else mail_server(via, password=secret("WHOSAW_SMTP_PASSWORD", None), clear=clear),
        sender=sender,
        messages=messages,
        statement=statement,
        provider=None
        if sign_on is None
        else Provider(issuer=sign_on, client_id=client_id or "", secret_file=secret_file),
        proxies=hops,
        limits=Limits(a_minute=pace, expected=expected),
    )

    def told(where: str) -> None:
        if json:
            print_json({"address": where, "folder": str(serving.folder)})
            sys.stdout.flush()  # whoever waits for it is told before anything is served
            return
        say(where)
        say(
            f"Requests are kept in {serving.folder}; `whosaw lookup warnings` reads what is reported there. Ctrl-C stops it."
        )

    serve_public(serving, now=now, told=told, said=complain)
