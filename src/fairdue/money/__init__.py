"""HOW MUCH? Amounts, ageing, order of application and promises, on columns. No clock, no database, no float."""
