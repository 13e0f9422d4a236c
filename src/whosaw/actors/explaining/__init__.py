"""What explains each view of a day, from the rows of the context that it meets."""
