"""The three pages in Flask."""

import flask

app = flask.Flask(__name__)


@app.get("/my/info")
def my_info() -> str:
    who = flask.request.authorization
    return f"A page as a shop shows it, with name, address, telephone and orders: [[page my-info of {str((who and who.username) or '-').replace(']', '')}]]"


@app.get("/customers/<one>")
def customer(one: str) -> str:
    return _page("customer", one)


@app.get("/account")
def account() -> str:
    return _page("account", flask.request.args["id"])


def _page(page: str, text: str) -> str:
    try:
        one = int(text)
    except ValueError:
        flask.abort(404)
    if one not in range(1, 1000):
        flask.abort(404)
    return f"A page as a shop shows it, with name, address, telephone and orders: [[page {page} of {one}]]"
