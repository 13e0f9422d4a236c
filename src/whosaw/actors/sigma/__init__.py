"""Sigma rules over canonical events. pySigma (extra `sigma`) is imported only when a pack of rules is loaded."""
