"""Drafts of a map, from API documents, recorded answers and logs."""
