"""The ledger as a build: steps over runs of days, the key of each, and what runs them."""
