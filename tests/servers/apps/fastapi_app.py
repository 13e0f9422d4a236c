"""The three pages in FastAPI."""

import base64
import binascii
from typing import Annotated

import fastapi
from fastapi.responses import PlainTextResponse

app = fastapi.FastAPI()


@app.get("/my/info")
def my_info(request: fastapi.Request) -> PlainTextResponse:
    kind, _, coded = request.headers.get("Authorization", "").partition(" ")
    try:
        user = base64.b64decode(coded).partition(b":")[0] if kind == "Basic" else b"-"
    except binascii.Error:
        user = b"-"
    return PlainTextResponse(
        b"A page as a shop shows it, with name, address, telephone and orders: [[page my-info of "
        + user.replace(b"]", b"")
        + b"]]"
    )


@app.get("/customers/{one}")
def customer(one: int) -> PlainTextResponse:
    return _page("customer", one)


@app.get("/account")
def account(one: Annotated[int, fastapi.Query(alias="id")]) -> PlainTextResponse:
    return _page("account", one)


def _page(page: str, one: int) -> PlainTextResponse:
    if one not in range(1, 1000):
        raise fastapi.HTTPException(404)
    return PlainTextResponse(
        f"A page as a shop shows it, with name, address, telephone and orders: [[page {page} of {one}]]"
    )
