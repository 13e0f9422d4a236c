"""Floor 2: results as pictures and pages for people."""
