"""Requests as what systems leave behind: log lines in several formats, or canonical events as Parquet."""
