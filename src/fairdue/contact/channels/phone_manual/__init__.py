"""The collector dials by hand."""
