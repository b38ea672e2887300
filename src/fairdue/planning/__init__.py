"""WHAT NEXT? Scores, allocation of scarce time and the order of the day, on columns. No clock, no database."""
