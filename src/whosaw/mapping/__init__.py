"""Floor 2: requests to subjects and categories."""
