"""From segments to the ledger: rows of clients, repeats, twins, views and exposures."""
