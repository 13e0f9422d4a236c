"""The times that logs write: read, brought to one zone, and judged beside their neighbours."""
