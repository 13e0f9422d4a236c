"""Answers by DuckDB alone, in bare SQL on the log: `python -m bench.contenders.duckdb_sql LOG QUESTION`."""

from __future__ import annotations

import sys

import duckdb

_COLUMNS = ("address", "ident", "user", "day", "zone", "request", "status", "bytes", "referer", "agent")
_LOG = f"""read_csv($log, columns = {{{", ".join(f"'{name}': 'VARCHAR'" for name in _COLUMNS)}}}, header = false,
                    auto_detect = false, delim = ' ', quote = '"', escape = '"')"""
_VIEWS = f"""
    SELECT CASE path WHEN '/my/info/edit' THEN 'my-info' WHEN '/my/orders/list' THEN 'my-orders'
                     ELSE 'customer-address-list' END AS page,
           CASE WHEN path IN ('/my/info/edit', '/my/orders/list') THEN nullif("user", '-')
                ELSE nullif(regexp_extract(path, '^/api/v2/customers/([^/]+)/addresses$', 1), '') END AS person,
           day || ' ' || zone AS moment
    FROM (SELECT "user", day, zone, split_part(split_part(request, ' ', 2), '?', 1) AS path FROM {_LOG}
          WHERE status = '200' AND (request LIKE 'GET /my/%' OR request LIKE 'GET /api/v2/customers/%'))
    WHERE person IS NOT NULL"""
_SQL = {
    "clients": f"SELECT count(*) FROM (SELECT DISTINCT address, agent FROM {_LOG})",
    "pages": f"SELECT page || chr(9) || count(DISTINCT person) FROM ({_VIEWS}) GROUP BY page",
    "persons": f"""SELECT person || chr(9) || min(moment) || chr(9) || max(moment) FROM (
        SELECT person, epoch(strptime(moment, '[%d/%b/%Y:%H:%M:%S %z]'))::BIGINT AS moment
        FROM ({_VIEWS})) GROUP BY person""",
}


def main() -> None:
    log, question = sys.argv[1:]
    with duckdb.connect(config={"preserve_insertion_order": "false"}) as connection:
        found = connection.execute(_SQL[question], {"log": log}).fetchall()
    sys.stdout.write("".join(f"{row[0]}\n" for row in found))


if __name__ == "__main__":
    main()
