"""How far the telling of a case is, as a picture: each list, then its channels, in parts that add up, and its waves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from whosaw.report.pictures.data import Telling, ToldRow, WaveRow
from whosaw.store.sending.sending_store import ACCEPTED, BOUNCED, HANDED, UNDELIVERABLE, UNKNOWN

from .status import ChannelStatus, Status

__all__ = ["telling_picture"]


def telling_picture(found: Sequence[Status], *, zone: tzinfo, zone_name: str) -> Telling:
    """The picture of what `notice_status` answered."""
    rows = tuple(row for each in found for row in _rows(each))
    lists = [row for row in rows if "/" not in row.name]
    says = "; ".join(
        f"{row.label}: {row.people:,} recipients, {row.sent:,} sent, {row.waiting:,} waiting, {row.failed:,} failed, {row.unknown:,} unknown, {row.excluded:,} excluded"
        for row in lists
    )
    case = found[0].case if found else ""
    wrong = [f"Version {each.version} does not add up." for each in found if not each.adds_up]
    return Telling(
        of=case,
        title=f"Who was told in the case {case}",
        says=says,
        zone=zone,
        zone_name=zone_name,
        notes=(
            "Sent means that a server or a printer took it, not that it was read. Unknown is never sent again by itself.",
            "Tried means that a message of the wave began to go; how it ended is in the bars above.",
            *wrong,
        ),
        rows=rows,
        waves=tuple(
            WaveRow(
                name=f"{each.version}/wave {wave.wave}",
                label=f"Version {each.version}, wave {wave.wave}",
                people=wave.people,
                begun=wave.begun,
                released=wave.released,
            )
            for each in found
            for wave in each.waves
            if wave.people
        ),
    )


def _rows(each: Status) -> Iterator[ToldRow]:
    told = each.told
    yield ToldRow(
        name=str(each.version),
        label=f"Version {each.version}",
        sent=told.sent,
        waiting=told.waiting,
        failed=told.failed,
        unknown=told.unknown,
        excluded=told.excluded,
    )
    for channel in each.channels:
        yield _of_channel(each.version, channel)


def _of_channel(version: int, channel: ChannelStatus) -> ToldRow:
    states = channel.states
    sent, failed = states.get(ACCEPTED, 0), sum(states.get(each, 0) for each in (BOUNCED, UNDELIVERABLE))
    unknown = sum(states.get(each, 0) for each in (UNKNOWN, HANDED))
    people = sum(states.values())
    return ToldRow(
        name=f"{version}/{channel.channel}",
        label=f"Version {version}, by {channel.channel}",
        sent=sent,
        waiting=people - sent - failed - unknown,
        failed=failed,
        unknown=unknown,
        excluded=0,
    )
