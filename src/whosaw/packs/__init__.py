"""Floor 1: loads shipped and user TOML items and lists every fault in them."""
