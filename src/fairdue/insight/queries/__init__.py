"""What the numbers say. Every measure starts at `scope`: what the asking user may see, narrowed by his filters.

Each module holds one measure: the totals for its chart and table, and the rows behind any of them. Set-based, a fixed
number of queries, nothing is written. Money in minor units of the one currency of the filters.
"""
