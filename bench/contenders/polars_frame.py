"""Answers by Polars on a lazy frame: `python -m bench.contenders.polars_frame LOG QUESTION`."""

from __future__ import annotations

import importlib
import sys
from typing import Any

# in the peers' environment alone, so that no checker of this project has to know it
pl: Any = importlib.import_module("polars")

_COLUMNS = ("address", "ident", "user", "day", "zone", "request", "status", "bytes", "referer", "agent")


def _views(log: Any) -> Any:
    path = pl.col("request").str.extract(r"^GET ([^ ?]*)", 1)
    own = pl.when(pl.col("user") != "-").then(pl.col("user"))
    number = path.str.extract(r"^/api/v2/customers/([^/]+)/addresses$", 1)
    wanted = pl.col("request").str.starts_with("GET /my/") | pl.col("request").str.starts_with(
        "GET /api/v2/customers/"
    )
    return (
        log.filter((pl.col("status") == "200") & wanted)
        .select(
            "day",
            "zone",
            page=pl.when(path == "/my/info/edit")
            .then(pl.lit("my-info"))
            .when(path == "/my/orders/list")
            .then(pl.lit("my-orders"))
            .otherwise(pl.lit("customer-address-list")),
            person=pl.when(path.is_in(["/my/info/edit", "/my/orders/list"])).then(own).otherwise(number),
        )
        .filter(pl.col("person").is_not_null())
    )


def _asked(log: Any, question: str) -> Any:
    if question == "clients":
        return log.select("address", "agent").unique().select(pl.len())
    if question == "pages":
        return _views(log).group_by("page").agg(pl.col("person").n_unique())
    moment = pl.concat_str("day", "zone", separator=" ")
    at = moment.str.to_datetime("[%d/%b/%Y:%H:%M:%S %z]", time_unit="ms").dt.epoch("s")
    seen = _views(log).select("person", at=at).group_by("person")
    return seen.agg(first=pl.col("at").min(), last=pl.col("at").max())


def main() -> None:
    path, question = sys.argv[1:]
    log = pl.scan_csv(
        path,
        separator=" ",
        has_header=False,
        quote_char='"',
        schema=dict.fromkeys(_COLUMNS, pl.String),
    )
    found = _asked(log, question).collect(engine="streaming")
    sys.stdout.write(found.write_csv(include_header=False, separator="\t"))


if __name__ == "__main__":
    main()
