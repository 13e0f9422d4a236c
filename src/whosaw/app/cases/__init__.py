"""Cases: versions of a scope, what differs between them, claims held against them."""
