"""Evidence: what a case rests on, sealed into one file that a stranger can check."""
