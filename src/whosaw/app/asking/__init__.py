"""What people ask of the ledger: who saw a person, what an actor saw, why, and who asked before."""
