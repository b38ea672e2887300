"""Data of the mappings: header words."""
