"""Writes the logs of one day, a file for each service, as text or as events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .days import WholeDay
from .dice import Bools, Ints
from .setting import DAY_MS, Setting
from .traffic import Traffic
from .write.columns import bytes_of
from .write.events import EVENT_ROWS, EventWriter
from .write.rotation import LogFile, file_name, write_text
from .write.scene import Scene
from .write.writers import WRITERS

__all__ = ["Lines", "Logs", "ServiceFile", "StoppedError"]

_SLICE = 1 << 17  # lines put together at once: their pieces stay near the processor


class StoppedError(Exception):
    """The replay was given up while a file was being written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFile:
    """A file of a service, as written."""

    service: str
    folder: str
    file: LogFile


class Lines(Protocol):
    """Takes whose the lines of one service's files are."""

    def add(self, file: str, time: Ints, part: NDArray[np.int16], actors: list[str], carries: Bools) -> None:
        """See `truth.tables.LinesTable`."""
        ...


class Logs:
    """The logs below one folder. Files of a day are written by the executor; `stop` makes those give up."""

    def __init__(
        self,
        setting: Setting,
        folder: Path,
        formats: tuple[str, ...],
        *,
        events: bool,
        packed: bool,
        executor: Executor,
        stop: Event,
    ) -> None:
        self._setting, self._folder, self._formats = setting, folder, formats
        self._events, self._packed = events, packed
        self._executor, self._stop = executor, stop
        shop = setting.shop
        self._service_of = np.asarray([shop.service_at(page.service) for page in shop.page], dtype=np.int8)

    def write(self, whole: WholeDay, carries: Bools, tables: Sequence[Lines]) -> list[Future[ServiceFile]]:
        """Begin to write that day's files, and say whose their lines are. A service without a request has none."""
        setting, traffic = self._setting, whole.traffic
        service_of = self._service_of[traffic.page]
        actors = [part.actor for part in setting.parts]
        futures = []
        for at, service in enumerate(setting.shop.service):
            rows = np.flatnonzero(service_of == at)
            if not len(rows):
                continue
            (self._folder / service.folder).mkdir(exist_ok=True)
            name = self._name(at, whole.day, whole.scene)
            futures.append(self._executor.submit(self._file, at, name, whole, rows))
            tables[at].add(name, traffic.time[rows], traffic.part[rows], actors, carries[rows])
        return futures

    def _name(self, at: int, day: int, scene: Scene) -> str:
        if self._events:
            return f"{scene.day.isoformat()}.parquet"
        back, service = self._setting.calendar.days - 1 - day, self._setting.shop.service[at]
        return file_name(service.name, back, packed=self._is_packed(at, day))

    def _is_packed(self, at: int, day: int) -> bool:
        back = self._setting.calendar.days - 1 - day
        return self._packed and back >= self._setting.shop.service[at].plain_files

    def _file(self, at: int, name: str, whole: WholeDay, rows: NDArray[np.int64]) -> ServiceFile:
        service, kind = self._setting.shop.service[at], WRITERS[self._formats[at]]
        path = self._folder / service.folder / name
        if self._events:
            size = EventWriter(whole.scene, kind).write(path, self._slices(whole.traffic, rows, EVENT_ROWS))
            file = LogFile(name=name, lines=len(rows), bytes=size, sha256="")
        else:
            writer = kind.make(whole.scene, service)

            def pieces() -> Iterator[tuple[int, memoryview]]:
                line = 1
                for part in self._slices(whole.traffic, rows, _SLICE):
                    yield len(part), bytes_of(writer.lines(part, line))
                    line += len(part)

            rotated = whole.scene.start + DAY_MS
            file = write_text(path, pieces(), packed=self._is_packed(at, whole.day), rotated_ms=rotated)
        return ServiceFile(service=service.id, folder=service.folder, file=file)

    def _slices(self, traffic: Traffic, rows: NDArray[np.int64], many: int) -> Iterator[Traffic]:
        for low in range(0, len(rows), many):
            if self._stop.is_set():
                raise StoppedError
            part = rows[low : low + many]
            whole = int(part[-1]) - int(part[0]) + 1 == len(part)  # all requests between are of this service
            yield traffic.take(slice(int(part[0]), int(part[-1]) + 1) if whole else part)
