"""whosaw's answers out of a ledger: `python -m bench.contenders.whosaw_ledger WORKSPACE QUESTION`.

No command lists all persons at once, so the ledger is opened here as the commands open it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from whosaw.store.ledger import LedgerReader
from whosaw.store.numbers.raws import Identities
from whosaw.store.workspace import Workspace

# of clients, the ledger keeps more than address and agent (who was signed in, session, token): count these two alone
_CLIENTS = "SELECT count(*) AS n FROM (SELECT DISTINCT address, agent FROM clients)"
# and it holds possible views, of which the others know nothing: an exposure with any is looked up view by view
_PAGES = "SELECT r.id, count(DISTINCT e.person) AS n FROM exposure_parts e JOIN routes r USING (route) WHERE e.possible < e.views GROUP BY r.id"
_PERSONS = """
SELECT person, min(first) // 1000000 AS first, max(last) // 1000000 AS last FROM (
    SELECT person, first, last FROM exposure_parts WHERE possible = 0
    UNION ALL
    SELECT person, micros, micros FROM views
    SEMI JOIN (SELECT person, client, route FROM exposure_parts WHERE possible > 0) USING (person, client, route)
    WHERE NOT duplicate AND unsure = 0
) GROUP BY person
"""


def rows(reader: LedgerReader, question: str) -> str:
    if question == "clients":
        return f"{reader.session.query(_CLIENTS)['n'][0].as_py()}\n"
    if question == "pages":
        found = reader.session.query(_PAGES).to_pylist()
        return "".join(f"{row['id']}\t{row['n']}\n" for row in found)
    table = reader.session.query(_PERSONS)
    numbers, firsts, lasts = (table[name].to_pylist() for name in ("person", "first", "last"))
    names = Identities(reader).raw({"person": numbers})["person"]
    return "".join(
        f"{names[number].partition(chr(31))[2]}\t{first}\t{last}\n"
        for number, first, last in zip(numbers, firsts, lasts, strict=True)
    )


def main() -> None:
    workspace = Workspace.open(Path(sys.argv[1]))
    reader = LedgerReader(workspace)
    sys.stdout.write(rows(reader, sys.argv[2]))
    reader.close()
    workspace.close()


if __name__ == "__main__":
    main()
