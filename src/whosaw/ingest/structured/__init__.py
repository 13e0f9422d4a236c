"""Formats whose lines are fields with names: JSON and delimited text."""
