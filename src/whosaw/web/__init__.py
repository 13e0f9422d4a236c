"""The web console: pages over the use cases, for people without a terminal. It adds nothing that they do not say."""
