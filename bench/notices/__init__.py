"""Scores `whosaw notice check` on notices with verdicts by hand (tests/notices/README.md says what they are)."""
