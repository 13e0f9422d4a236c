"""Formats that are a template of one line: access logs, load balancers, syslog."""
