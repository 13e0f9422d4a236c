"""Fields of public documents that were judged by hand, and how often the rules of `map suggest` agree with them."""
