"""Erases identifiers of people, keeps no longer than a rule says, and rotates the key of the vault."""
