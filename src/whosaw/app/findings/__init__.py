"""The detectors run: over the whole ledger, and over what new views touched."""
