"""What really happened in a replay, counted as its requests are made."""
