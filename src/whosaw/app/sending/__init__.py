"""Use cases of telling people: freeze, release, send, read what came back, prove."""
