"""Floor 2: results to pictures and pages."""
