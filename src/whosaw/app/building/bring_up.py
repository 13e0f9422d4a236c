"""Brings the days of a workspace up to date."""
