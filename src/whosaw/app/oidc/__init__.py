"""OpenID Connect as a client, without a workspace: who somebody is by the word of a provider, for the console and for the look-up page."""
