"""Floor 1: the only place that knows DuckDB; segments, vault, journal, ledger queries."""
