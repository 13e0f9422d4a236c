"""The project file: which logs there are, how they are read, and what else every command would have to be told."""
