"""What holds for every test: none is judged by the clock, none leaves a process or a file behind, and rooms have a budget."""

from __future__ import annotations

import functools
import gc
import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
import typer.testing
from hypothesis import HealthCheck, settings
from tests import budget, leftovers
from tests.wide import examples

# Examples are as slow as the machine; in CI hypothesis derives them from the test and prints how to repeat a failure.
settings.register_profile(
    "house",
    parent=settings.get_profile("ci" if os.environ.get("CI") else "default"),
    max_examples=examples(100),
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")

# A shell starts what it runs in the background with Ctrl-C ignored, and whatever a test starts would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What is run in the process of a test is the same command line each time: its hundred commands are put together once.
typer.testing._get_command = functools.cache(typer.testing._get_command)


# A scan makes sure a hundred times that what it wrote is on the disk, which is what a disk is slowest at. That it does so is held by
# tests that count the calls; where they go makes no difference to what the others hold, so they go to memory where there is plenty.
_MEMORY = Path("/dev/shm")
_ROOM = 6 << 30
if "PYTEST_DEBUG_TEMPROOT" not in os.environ and leftovers.room_in_memory(_MEMORY) >= _ROOM:
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_MEMORY)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--budget", action="store_true", help="tell at the end how long each room took, beside its budget"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--budget"):
        config.pluginmanager.register(budget.Durations(), "durations-by-room")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays to the end: no collector of garbage has to go through it again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that take long come first, so that at the end no worker waits while another one has one of them left."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session", autouse=True)
def _own_temporary_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    tmp_path_factory.getbasetemp()  # pytest's own folders lie elsewhere, and stay where a test fails
    with leftovers.temporary_folder():
        yield


@pytest.fixture(autouse=True)
def _nothing_is_left(_own_temporary_folder: None) -> Iterator[None]:
    before = leftovers.there()
    yield
    leftovers.refuse(before)


@pytest.fixture(scope="module")
def without_detection() -> Iterator[None]:
    """For modules that look at what is read of logs and at no finding: their scans end before days of steps and findings are made, which
    is most of the work of a small scan. That findings are the same however logs were cut is held by test_properties and test_histories.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("whosaw.app.scan.detect_all", lambda *args, **named: ([], ()))
        yield


@pytest.fixture
def told_anew_too(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Every time that flags are told of, what is told from marks of days has to be the same; gives how many flags there were each time."""
    from tests.anew import told_anew_too as told  # only where it is asked for: it needs all of detection

    with told(monkeypatch) as counted:
        yield counted
