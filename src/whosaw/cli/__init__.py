"""Floor 4: the command line: arguments, texts, exit codes."""
