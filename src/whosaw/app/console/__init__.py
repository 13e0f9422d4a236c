"""Use cases of the console: who may do what, accounts, and what somebody at work in a workspace asks and decides."""
