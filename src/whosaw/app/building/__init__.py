"""Floor 3: how the steps of the ledger are set up and run."""
