"""Answers by chDB, which is ClickHouse inside a process: `python -m bench.contenders.chdb_sql LOG QUESTION`."""

from __future__ import annotations

import importlib
import sys
from typing import Any

# in the peers' environment alone, so that no checker of this project has to know it
chdb: Any = importlib.import_module("chdb")

_COLUMNS = ("address", "ident", "user", "day", "zone", "request", "status", "bytes", "referer", "agent")
_SETTINGS = (
    "SETTINGS format_custom_escaping_rule = 'CSV', format_custom_field_delimiter = ' ', "
    "format_csv_allow_single_quotes = 0"
)
_VIEWS = """
    SELECT multiIf(path = '/my/info/edit', 'my-info', path = '/my/orders/list', 'my-orders', 'customer-address-list') AS page,
           if(path IN ('/my/info/edit', '/my/orders/list'), if(user = '-', '', user),
              extract(path, '^/api/v2/customers/([^/]+)/addresses$')) AS person, day, zone
    FROM (SELECT user, day, zone, cutQueryString(splitByChar(' ', request)[2]) AS path FROM {log}
          WHERE status = '200' AND (startsWith(request, 'GET /my/') OR startsWith(request, 'GET /api/v2/customers/')))
    WHERE person != ''"""
_SQL = {
    "clients": "SELECT count() FROM (SELECT DISTINCT address, agent FROM {log})",
    "pages": f"SELECT page, uniqExact(person) FROM ({_VIEWS}) GROUP BY page",
    "persons": f"""SELECT person, min(at), max(at) FROM (
        SELECT person, toUnixTimestamp(parseDateTime(concat(day, ' ', zone), '[%d/%b/%Y:%H:%i:%s %z]', 'UTC')) AS at
        FROM ({_VIEWS})) GROUP BY person""",
}


def main() -> None:
    path, question = sys.argv[1:]
    columns = ", ".join(f"{name} String" for name in _COLUMNS)
    quoted = path.replace("\\", "\\\\").replace("'", "\\'")
    log = f"file('{quoted}', 'CustomSeparated', '{columns}')"
    sys.stdout.write(str(chdb.query(f"{_SQL[question].format(log=log)} {_SETTINGS}", "TSV")))


if __name__ == "__main__":
    main()
