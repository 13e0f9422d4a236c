"""What each day of the log holds: views, repeats, tries and twins, made from segments alone, and how months are put together."""
