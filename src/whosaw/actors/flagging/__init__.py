"""Which entities are over a bar: told from sums of days where those are enough, and from their views where they are not."""
