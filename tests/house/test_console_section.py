"""What the page for teams says of speed is what was measured, and nothing where nothing was."""

from __future__ import annotations

from tools.console_section import console_section

TOLD = {
    "machine": {"cores": 4, "processor": "Made Up", "python": "3.12.1"},
    "measured": "at a load of 0.2",
    "ledger": {"people": 37_000, "exposures": 100_000},
    "rounds": 9,
    "start_s": 1.5,
    "pages": {
        "overview": {"median_ms": 12.5, "p95_ms": 1_234.0, "times_bare_median": 6.0, "times_bare_p95": 9.0}
    },
    "live": {
        "readers": 50,
        "findings": 12,
        "in_ledger": {"median_s": 0.8, "worst_s": 1.1},
        "median_s": 1.0,
        "p99_s": 1.4,
    },
    "memory": {"requests": 10_000, "megabytes": [200, 230, 231, 229]},
}


def test_each_figure_is_told() -> None:
    told = console_section(TOLD)
    assert "37,000 people and 100,000 exposures, each page asked 9 times" in told
    assert "| overview | 12.5 ms | 1,234.0 ms | 6.0 |" in told
    assert "to 50 open pages, 12 findings one after another: 1.0 s in the median, 1.4 s at the 99th" in told
    assert "after 0.8 s, 1.1 s at most" in told
    assert "10,000 requests: 200 MB before, 229 MB after, 231 MB at most" in told


def test_nothing_is_told_where_nothing_was_measured() -> None:
    assert "Nothing was measured" in console_section(None)
