"""Floor 0: values every other floor speaks in. Standard library only."""
