"""Rows of the journal's database, each kind by its name: contents, segments, findings, cases, alerts, entries."""
