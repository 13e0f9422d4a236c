"""The three pages in aiohttp, with its own access log. Arguments: port, log."""

import base64
import binascii
import logging
import sys

from aiohttp import web


async def my_info(request: web.Request) -> web.Response:
    kind, _, coded = request.headers.get("Authorization", "").partition(" ")
    try:
        user = base64.b64decode(coded).partition(b":")[0] if kind == "Basic" else b"-"
    except binascii.Error:
        user = b"-"
    return web.Response(
        body=b"A page as a shop shows it, with name, address, telephone and orders: [[page my-info of "
        + user.replace(b"]", b"")
        + b"]]"
    )


async def customer(request: web.Request) -> web.Response:
    return _page("customer", request.match_info["one"])


async def account(request: web.Request) -> web.Response:
    return _page("account", request.query.get("id", ""))


def _page(page: str, text: str) -> web.Response:
    try:
        one = int(text)
    except ValueError:
        raise web.HTTPNotFound from None
    if one not in range(1, 1000):
        raise web.HTTPNotFound
    return web.Response(
        text=f"A page as a shop shows it, with name, address, telephone and orders: [[page {page} of {one}]]"
    )


app = web.Application()
app.add_routes(
    [web.get("/my/info", my_info), web.get("/customers/{one}", customer), web.get("/account", account)]
)
log = logging.getLogger("aiohttp.access")
log.setLevel(logging.INFO)
log.addHandler(logging.FileHandler(sys.argv[2]))
log.propagate = False
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
