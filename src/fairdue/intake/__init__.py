"""For files: reading, mapping, checking and loading what creditors send."""
