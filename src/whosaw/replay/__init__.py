"""Floor 2: an invented shop with a planted breach, and the truth that findings are scored against."""
