"""What whosaw found held against what a replay did."""
