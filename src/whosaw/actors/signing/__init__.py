"""Which signs each view bears, and when that is known: from visits, passes, failed tries, context rows and places among numbers."""
