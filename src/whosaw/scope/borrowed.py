"""Views that a login explains, of an actor who uses the logins of others: a stolen session, a guessed password.

Some of the actor's counted views are explained by a login. So with them a login does not say in whose hands the session was, and explained
views that share a value with the actor's may be the actor's, where their sessions were opened as some of theirs were: elsewhere than they are used
(taken over), or in the same network (opened by the actor). They widen the upper bound and never enter the lower one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from whosaw.core import client
from whosaw.store.sql import Session, quote_name

from .grouping import groups_of
from .link_item import Link
from .record import Record, logins_table
from .sharing import Shared, group_table, most_of
from .statement import statement

__all__ = ["borrowed_views"]

_WITH_THE_LOGIN: Final = frozenset(
    client.with_(lambda each: each.says != "where" and not each.fleeting)
)  # the owner's: they say nothing of whose hands


def borrowed_views(
    session: Session, links: Sequence[Link], parties: Sequence[int], nodes: Sequence[int], record: Record
) -> list[Shared]:
    """What such an actor shares with explained views; leaves them in scope_borrowed_lines (content, line), their clients among
    scope_possible. `nodes` are the actor's findings. Nothing where none of their counted views is explained by a login."""
    session.execute(
        "CREATE OR REPLACE TEMP TABLE scope_borrowed_lines (content INTEGER, line BIGINT); "
        "CREATE OR REPLACE TEMP TABLE scope_borrowed (client INTEGER, views BIGINT)"
    )
    if not record.logins.num_rows or not nodes:
        return []
    session.register("close_logins", logins_table(record.logins))
    session.register("borrowing_nodes", pa.table({"node": pa.array(nodes, pa.int32())}))
    session.execute(statement("close_opened"))
    session.execute(statement("close_uses"))
    if not session.query("SELECT 1 FROM scope_uses LIMIT 1").num_rows:
        return []
    shown: list[Shared] = []
    for link in links:
        if (
            link.joins != "views"
            or not link.possible
            or link.walk is not None
            or _WITH_THE_LOGIN.issuperset(link.by)
        ):
            continue
        own = [
            each
            for each in groups_of(session, link)
            if each["explained"] and not set(parties).isdisjoint(each["parties"])
        ]
        if own:
            using = ", ".join(quote_name(each) for each in link.by)
            session.query(
                statement("close_borrowed").format(using=using), open_groups=group_table(session, link, own)
            )
            shown += most_of(link, own, "borrowed")
    session.execute(statement("close_borrowed_lines"))
    return shown
