"""The numbers of docs/why/scale.md from what was measured: `python -m tools.scale_section --write | --check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from bench.handed import ALONE
from bench.plan import CLUSTER, NATIONAL, SPARK, WEIGHED, plan, rates_of

from tools.generated import ROOT, between, main, table

_PAGE = ROOT / "docs" / "why" / "scale.md"
SCOPE = ROOT / "docs" / "performance" / "scope.json"
EQUAL, SMALL, MIDDLE, LARGE = (
    ROOT / "docs" / "performance" / f"spark-{each}.json" for each in ("equal", "small", "middle", "large")
)
_START = "<!-- scale: made by `python -m tools.scale_section --write` -->\n"
_END = "<!-- end of scale -->\n"
_CORES = (64, 256)
_PHASES = (
    ("read", "reading into segments", "executors"),
    ("index", "numbers and the ledger", "the machine that scans; executors views and activity of the index"),
    ("findings", "findings", "the machine that scans"),
    ("counts", "exact counts", "the machine that scans"),
)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _rates(national: dict[str, Any]) -> str:
    text = next(size for size in national["sizes"] if size["text"])
    largest = max(national["sizes"], key=lambda size: size["lines"])
    rows = []
    for phase, name, who in _PHASES:
        size = text if phase == "read" else largest
        took = size["phases"][phase]
        rows.append([
            name, who, f"{size['lines']:,}", f"{size['lines'] / took['cpu_seconds']:,.0f}",
            f"{took['seconds'] / size['lines'] * 1e6:.2f} µs", f"{took['peak_bytes'] / 1e9:.1f} GB",
        ])  # fmt: skip
    scope = max(_read(SCOPE)["sizes"], key=lambda size: size["lines"])
    rows.append([
        "a scope of the largest finding", "executors its views, the machine that asks the rest", f"{scope['lines']:,}",
        f"{scope['lines'] / scope['processor_seconds']:,.0f}", f"{scope['seconds'] / scope['lines'] * 1e6:.2f} µs",
        f"{scope['peak_megabytes'] / 1e3:.1f} GB",
    ])  # fmt: skip
    return table(
        ["step", "who does it under Spark", "measured on lines", "lines a core second", "of the clock, a line", "most memory"],
        rows,
    )  # fmt: skip


def _weights(weighed: dict[str, Any], kept: float) -> str:
    lines = weighed["lines"]
    rows = [[f"`{kind}`", f"{size / lines:.1f}"] for kind, size in weighed["bytes"].items()]
    rows.append(["all that reading writes", f"{sum(weighed['bytes'].values()) / lines:.1f}"])
    rows.append(["the whole ledger, at the largest size", f"{kept:.1f}"])
    return table(["what", "bytes a line"], rows)


def _spark() -> str:
    if not SPARK.is_file():
        return "What Spark adds to reading was not measured on a quiet machine; the plan below takes it for nothing.\n"
    told = _read(SPARK)
    columns = [each for each in _OF_SPARK if all(each[0] in took for took in told["runners"].values())]
    rows = [
        [name.replace("-", ", "), *(form(took[part]) for part, _, form in columns)]
        for name, took in told["runners"].items()
    ]
    over = [f"{_RATIOS[part]} {_over(told['runners'], part)}" for part, _, _ in columns if part in _RATIOS]
    return (
        f"{told['lines']:,} lines ({told['bytes'] / 1e6:,.0f} MB), {_turns(told['turns'])} on {told['cores']} cores, the session "
        "and its workers already there:\n\n"
        + table(["who reads, with how many", *(name for _, name, _ in columns)], rows)
        + f"\nSpark takes {', '.join(over)} (at most 1.35 is wanted of two). The plan below takes that of reading with two.\n"
        + _equal()
    )


def _equal() -> str:
    """By whom a replay was scanned, each of whom kept the same files and found the same."""
    if not EQUAL.is_file():
        return ""
    told = _read(EQUAL)
    who = ", ".join(f"`{each}`" for each in sorted(told["runners"]))
    return f"\nThe same {told['files']:,} files and the same findings of {told['lines']:,} lines were kept by each of {who}.\n"


_OF_SPARK: Final[Sequence[tuple[str, str, Callable[[float], str]]]] = (
    ("reading_seconds", "reading", lambda took: f"{took:.1f} s"),
    ("steps_seconds", "steps over days", lambda took: f"{took:.1f} s"),
    ("seconds", "the whole scan", lambda took: f"{took:.1f} s"),
    ("cpu_seconds", "processor", lambda took: f"{took:.1f} s"),
    ("driver_bytes", "memory of the driver", lambda took: f"{took / 1e9:.2f} GB"),
)
_RATIOS: Final = {
    "reading_seconds": "for reading",
    "steps_seconds": "for steps over days",
    "seconds": "for the whole scan",
}


def _over(runners: dict[str, Any], part: str) -> str:
    """How many times as long Spark takes as so many threads."""
    both = [many for many in ("1", "2") if {f"spark-{many}", f"threads-{many}"} <= runners.keys()]
    return " and ".join(
        f"{runners[f'spark-{many}'][part] / runners[f'threads-{many}'][part]:.2f} times as long as {_THREADS[many]}"
        for many in both
    )


def _driver_of_scans() -> Iterator[str]:
    """What the machine that asks held of whole scans by two threads of Spark, from small to large."""
    told = sorted(
        (_read(each) for each in (SMALL, MIDDLE, LARGE) if each.is_file()), key=lambda each: each["lines"]
    )
    scans = [(each, each["runners"][_DRIVEN]) for each in told if _DRIVEN in each["runners"]]
    if len(scans) < _FEW:
        return
    rows = [
        [f"{each['scale']:g}", f"{each['lines']:,}", f"{took['driver_bytes'] / 1e6:,.0f} MB"]
        for each, took in scans
    ]  # fmt: skip
    yield table(["scale", "lines scanned", "memory of the driver"], rows)
    (first, small), (last, large) = scans[0], scans[-1]
    yield (
        f"The driver in a whole scan by `local[2]`, which is the process that asks without the JVM: {last['lines'] / first['lines']:.1f} times the lines, "
        f"{large['driver_bytes'] / small['driver_bytes']:.2f} times the memory. It is flat where executors work and not where the driver does: numbers, visits, ids of people, who is "
        "flagged and what findings come to are in its own memory.\n"
    )


_DRIVEN: Final = "spark-2"
_THREADS: Final = {"1": "one thread", "2": "two"}


def _turns(many: int) -> str:
    return "one turn" if many == 1 else f"the middle of {many} turns"


def _cluster() -> str:
    """What was measured of a second worker, of the driver's memory and of planning; of what was not, that it was not."""
    told = _read(CLUSTER)
    steps = {step: of for step, of in told.get("steps", {}).items() if {"1", "2"} <= of.keys()}
    parts = [*_workers(told, steps)] if steps else []
    for step, of in steps.items():
        parts += _families(step, of)
    missing = [_STEPS[step] for step in _STEPS if step not in steps]
    if missing:
        parts.append(f"Not measured on one and two workers: {', '.join(missing)}.\n")
    parts += _memory(told.get("memory", []))
    parts += _driver_of_scans()
    if listing := told.get("listing"):
        parts.append(
            f"Planning of {listing['objects']:,} listed objects, the listing made up: {listing['wall_s']:.1f} s of the clock, "
            f"{listing['processor_s']:.1f} processor seconds, {listing['peak_mb']:,} MB (at most 60 s and 1 GB are wanted)."
            + (_WAITED if listing["wall_s"] > _BUSY * listing["processor_s"] else "")
            + "\n"
        )
    return "\n".join(parts)


def _workers(told: dict[str, Any], steps: dict[str, Any]) -> Iterator[str]:
    load = [each for of in steps.values() for many in ("1", "2") for each in of[many]["load"]]
    least, most = min(load), max(load)
    yield (
        "A standalone cluster on loopback, whose workers have one core each and are held to it; the second has to share its own with the driver. "
        f"{told['cores']} cores, for which {least:.0f} to {most:.0f} processes waited at a time, so that seconds of the clock, and the time of tasks with "
        "them, are upper bounds; processor seconds are hardly touched by that.\n"
    )
    rows = [_step(step, of["scale"], many, of) for step, of in steps.items() for many in ("1", "2")]
    yield table(
        ["step", "workers", "of the clock", "tasks", "time of tasks", "a second of the clock", "processor: workers", "processor: driver", "the driver's share", "memory of the driver, its JVM"],
        rows,
    )  # fmt: skip
    gains = {step: _gain(of) for step, of in steps.items()}
    said = [
        f"{_STEPS[step]}: {rate:.2f} times as much task time a second of the clock, in {clock:.2f} of the time"
        for step, (rate, clock) in gains.items()
    ]
    yield f"From one worker to two: {'; '.join(said)}. {_why(gains)}\n"


def _families(step: str, of: dict[str, Any]) -> Iterator[str]:
    """Of one and of two workers what each family of steps took; those that gain less than is wanted, with where their clock went."""
    told = [of[many].get("families", {}) for many in ("1", "2")]
    names = [name for name in told[0] if name != ALONE and name in told[1]]
    if len(names) < _FEW:
        return
    whole = sum(told[1][name]["task_seconds"] for name in names)
    shown = sorted(
        (name for name in names if told[1][name]["task_seconds"] >= _OF_MOST * whole),
        key=lambda name: -told[1][name]["task_seconds"],
    )
    one, two = told
    rows = [
        [
            f"`{name}`" if " " not in name else name, f"{two[name]['tasks']:,}",
            *(f"{each[name]['task_seconds']:.1f} s" for each in told), *(f"{each[name]['tasks_cpu_seconds']:.1f} s" for each in told),
            *(f"{each[name]['seconds']:.1f} s" for each in told), f"{one[name]['seconds'] / two[name]['seconds']:.2f}", f"{_rate(two[name]) / _rate(one[name]):.2f}", f"{_driver(two[name]):.0%}",
        ]
        for name in shown
    ]  # fmt: skip
    alone = [each.get(ALONE, {"seconds": 0.0}) for each in told]
    rest = sum(two[name]["task_seconds"] for name in names) - sum(two[name]["task_seconds"] for name in shown)
    under = [name for name in shown if _rate(two[name]) < _WANTED * _rate(one[name])]
    yield (
        f"{_STEPS[step][0].upper()}{_STEPS[step][1:]} by what tasks make, with one worker and with two; a moment of the clock belongs to the tasks that run in it, "
        "or, where none runs, to those that were handed out. With two, a step is so many times as fast by the clock; the gain is how many times as much task time goes into a second of it; the "
        "driver's share is of the processor seconds of both in that time.\n"
    )
    yield table(
        ["step", "tasks", "time of tasks, 1", "2", "processor of tasks, 1", "2", "of the clock, 1", "2", "as fast", "gain", "the driver's share, 2"], rows,
    )  # fmt: skip
    yield (
        f"Nothing was handed out in {alone[0]['seconds']:.1f} s of {of['1']['seconds']:.1f} s with one worker, and in {alone[1]['seconds']:.1f} s of "
        f"{of['2']['seconds']:.1f} s with two: then the driver works alone."
        + (
            f" Steps that are not in the table took {rest:.1f} s of tasks together."
            if rest > _SMALLEST
            else ""
        )
        + "\n"
    )
    if under:
        yield f"Under {_WANTED} times: {'; '.join(_where(name, two[name]) for name in under)}.\n"


def _rate(part: Any) -> float:
    return float(part["task_seconds"] / part["seconds"])


def _driver(part: Any) -> float:
    both = part["driver_cpu_seconds"] + part["tasks_cpu_seconds"]
    return float(part["driver_cpu_seconds"] / both) if both else 0.0


def _where(name: str, part: Any) -> str:
    """Where the clock of a family went with two workers, other than to two tasks at once."""
    single, idle = (part[each] / part["seconds"] for each in ("single_seconds", "idle_seconds"))
    longest = part["longest_seconds"] / part["seconds"]
    return f"`{name}` ({single:.0%} of its clock one task ran alone, {idle:.0%} none; the longest of {part['tasks']:,} tasks took {longest:.0%} of it)"


def _memory(found: list[dict[str, Any]]) -> Iterator[str]:
    if not found:
        return
    rows = [
        [f"{each['scale']:g}", f"{each['lines']:,}", f"{each['driver_bytes'] / 1e6:,.0f} MB", f"{each['jvm_bytes'] / 1e6:,.0f} MB"]
        for each in found
    ]  # fmt: skip
    yield table(["scale", "lines read", "memory of the driver", "of its JVM"], rows)
    first, last = found[0], found[-1]
    if len(found) > 1:
        yield (
            f"The driver, while executors read: {last['lines'] / first['lines']:.1f} times the lines, "
            f"{last['driver_bytes'] / first['driver_bytes']:.2f} times the memory. What follows reading on that machine (numbers, the rest of the ledger, findings) "
            "is not in this figure.\n"
        )


_FEW = 2  # families, under which the table of runs says all
_SMALLEST = 0.05  # seconds that are shown
_BUSY = 1.5
_WAITED = " The clock is that of a machine which did other work besides: most of it was spent waiting for a core, and a quiet one was not to be had."
_STEPS = {"reading": "reading", "scan": "a whole scan", "making": "`replay make`"}
_WANTED = 1.6
_OF_MOST = 0.01  # of all task time: steps that took less are told of together


def _step(step: str, scale: float, many: str, of: Any) -> list[str]:
    one = of[many]
    driver, workers = one["driver_cpu_seconds"], one["workers_cpu_seconds"]
    return [
        f"{_STEPS[step]}, scale {scale:g}", many, f"{one['seconds']:.1f} s", f"{one['tasks']:,}", f"{one['task_seconds']:.1f} s",
        f"{one['task_seconds'] / one['seconds']:.2f}", f"{workers:.1f} s", f"{driver:.1f} s", f"{driver / (driver + workers):.0%}",
        f"{one['driver_bytes'] / 1e6:,.0f} MB, {one['jvm_bytes'] / 1e6:,.0f} MB" if "driver_bytes" in one else "not kept",
    ]  # fmt: skip


def _gain(of: Any) -> tuple[float, float]:
    """How much more task time goes into a second of the clock with two workers, and how much of the clock's time it takes."""
    rates = [of[many]["task_seconds"] / of[many]["seconds"] for many in ("1", "2")]
    return rates[1] / rates[0], of["2"]["seconds"] / of["1"]["seconds"]


def _why(gains: Any) -> str:
    under = [_STEPS[step] for step, (rate, _) in gains.items() if rate < _WANTED]
    waited = [_STEPS[step] for step, (rate, clock) in gains.items() if clock >= 1 and rate >= _WANTED]
    said = [f"{_WANTED} times is wanted."]
    if under:
        said.append(
            f"Under it: {', '.join(under)}. The second worker and the driver share a core, and both share the machine with "
            "other work; what the driver does alone (its share is in the table) does not get faster with workers."
        )
    if waited:
        said.append(
            f"Of {', '.join(waited)} it says nothing: the whole was no faster, so tasks waited for a core meanwhile."
        )
    return " ".join(said)


def _plan(national: dict[str, Any], weighed: dict[str, Any]) -> str:
    rates = rates_of(national, weighed, _read(SPARK) if SPARK.is_file() else None)
    archive = national["extrapolation"]["archive_bytes"]
    plans = [plan(archive, cores, rates) for cores in _CORES]
    first = plans[0]
    rows = [
        [
            str(each.cores), f"{each.reading:,.1f}", f"{each.together:,.0f}", f"{each.hours:,.0f}", f"{each.core_hours:,.0f}",
        ]
        for each in plans
    ]  # fmt: skip
    return "\n".join([
        (
            f"{archive / 1e12:.1f} TB of unpacked text at {rates.bytes_a_line:.1f} bytes a line are {first.lines / 1e9:.1f} billion lines. "
            f"Reading takes {rates.read_seconds * 1e6:.1f} µs of a core a line, times {rates.spark:.2f} for Spark; what follows takes "
            f"{rates.together_seconds * 1e6:.1f} µs a line of the machine that scans.\n"
        ),
        table(["cores that read", "hours of reading", "hours of the rest", "hours in all", "core hours of reading"], rows),
        (
            f"Executors write {first.written_bytes / 1e12:.1f} TB. Of these, {first.shared_bytes / 1e12:.1f} TB are keyed digests of "
            "identifiers and clients that one machine has to put in order today; shared out, the same bytes would go through the store once, "
            f"by ranges of digests. The whole ledger comes to {first.kept_bytes / 1e12:.1f} TB.\n"
        ),
    ])  # fmt: skip


def _of_steps(told: dict[str, Any]) -> tuple[str, str]:
    """What the figures of findings are of, and what of steps over days was not measured: as the results have them."""
    start = "The figures of findings below are of one run over the whole ledger, as earlier releases made it"
    of = told.get("steps", {}).get("scan", {})
    if not {"1", "2"} <= of.keys():
        return (
            f"{start}: of steps in executors none was measured, so the plan has none of it.",
            (
                "- **Steps over days on a cluster.** They were tried on two workers on loopback, for equal bytes and not for time. What executors do not make "
                "(visits, numbers, commits) is on the machine that scans."
            ),
        )
    two = of["2"]
    tasks = sum(
        part["tasks_cpu_seconds"] for name, part in two["families"].items() if name not in {ALONE, "reading"}
    )
    whole = two["driver_cpu_seconds"] + two["workers_cpu_seconds"]
    return (
        (
            f"{start}, and so is the plan. What steps take in executors was measured apart, on {of['lines']:,} lines "
            "([a second worker](#a-second-worker-and-the-driver))."
        ),
        (
            f"- **Steps over days on more than two workers.** Of a scan of {of['lines']:,} lines on two, those that executors made took {tasks:.1f} of {whole:.1f} "
            "processor seconds in tasks. What executors do not make (visits, numbers, commits) is on the machine that scans."
        ),
    )


def _of_turns(spark: dict[str, Any] | None) -> str:
    """What was measured neither on more cores nor more often."""
    cores = spark["cores"] if spark else 2
    often = ", and more than one turn" if spark is None or spark["turns"] == 1 else ""
    return (
        f"- **More than {cores} cores{often}.** That {_CORES[-1]} cores read {_CORES[-1] / cores:.0f} times as fast as {cores} is taken for granted. Stragglers, a store that "
        "slows down and one huge gzip make it longer; a file is the least that a task can be where it is packed."
    )


def _of_lines(largest: dict[str, Any]) -> str:
    return (
        f"- **More than {largest['lines'] / 1e6:.0f} million lines together.** Findings take longer a line the more lines there are "
        "(see [how it grows](performance.md#how-it-grows)); the plan takes the rate of the largest size that was run, so its hours of the rest are the "
        "least to be expected, and the memory of one machine ends before them."
    )


def wanted() -> dict[Path, str]:
    national, weighed = _read(NATIONAL), _read(WEIGHED)
    largest = max(national["sizes"], key=lambda size: size["lines"])
    clusters = _read(CLUSTER) if CLUSTER.is_file() else {}
    of_findings, not_measured = _of_steps(clusters)
    told = "\n".join([
        f"{of_findings}\n", "### A core, a step\n", _rates(national), "### What a line weighs\n", _weights(weighed, largest["ledger_bytes"] / largest["lines"]),
        "### What Spark adds\n", _spark(), *(["### A second worker, and the driver\n", _cluster()] if CLUSTER.is_file() else []), "### The archive of the case\n", _plan(national, weighed),
        "## What was not measured\n", _of_turns(_read(SPARK) if SPARK.is_file() else None), _of_lines(largest), f"{not_measured}\n",
    ])  # fmt: skip
    return {_PAGE: between(_PAGE.read_text(encoding="utf-8"), _START, _END, told)}


if __name__ == "__main__":
    sys.exit(main("scale_section", wanted))
