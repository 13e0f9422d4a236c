"""Views of a ledger part by part: how they are cut, and threads of this process that go through them."""
