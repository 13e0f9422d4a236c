"""Sigma rules over canonical events. pySigma is imported only when a pack of rules is loaded."""
