"""Floor 2: lines of logs to events and rejects."""
