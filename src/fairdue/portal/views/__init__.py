"""Views of the borrower's page: the door, the pages behind it, paying."""
