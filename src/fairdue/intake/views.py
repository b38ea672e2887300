"""Pages of intake: files and their loads, and the list of cases under repair."""
