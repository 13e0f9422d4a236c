"""What the law asks in a case: duties, decisions, filings, notices."""
