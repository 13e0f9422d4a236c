"""Drafts of format items for layouts that nobody described: what each field holds is told from its values."""
