"""What is known of the logs themselves: whether they are sound, how long they are kept, what must be kept."""
