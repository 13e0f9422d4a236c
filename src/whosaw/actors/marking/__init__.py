"""Marks: which flags count which views of a day, and what these views come to."""
