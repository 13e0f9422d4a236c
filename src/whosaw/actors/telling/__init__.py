"""Tells from marks which flags are of one party, and what that comes to."""
