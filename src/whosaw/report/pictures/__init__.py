"""Pictures of what was seen: drawn as SVG from plain data, for the report and as files, each with a table of its numbers."""
