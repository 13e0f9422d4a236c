"""The ways in: what a request of a step claims to be, and what the login service recorded of it."""
