"""The borrower's own pages: what is owed and why, rights, reaching, objections, promises, payments."""
