"""Damage: what happens to logs between the moment they are written and the moment somebody has to read them."""
