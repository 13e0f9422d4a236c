"""From segments to the ledger: numbers for local codes, repeats, twins, views and exposures."""
