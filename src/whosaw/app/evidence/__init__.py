"""Evidence of a case, and whether the custody of a workspace holds."""
