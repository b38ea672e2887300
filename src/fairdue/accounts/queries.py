"""Reads of accounts; which ones somebody may see follows from their cases (cases.queries.visible_to)."""
