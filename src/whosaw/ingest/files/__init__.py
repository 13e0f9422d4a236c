"""From the paths that a person names to chunks of whole lines, through every packing."""
