"""Floor 2: which request carried whose data: routes, subjects, categories, and drafts of maps."""
