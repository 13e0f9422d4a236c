"""Which number each identifier and each text has, for life, and which identifier stands behind a number."""
