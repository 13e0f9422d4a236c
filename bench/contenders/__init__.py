"""Who answers the same questions as whosaw, each in its own way; `bench.peers` runs them side by side."""
