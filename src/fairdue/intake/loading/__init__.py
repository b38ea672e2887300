"""Loading: checked rows become persons, accounts, dues, payments and attempts, whole or not at all.

session   one database transaction, used by turns by two threads; COPY; rows trusted and then verified by sets
columns   personal data sealed, hashed and masked, a column at a time
foreseeing  which of them rows would meet that are only looked at
faults    what only the database can know to be wrong with a row
accounts  dues  payments  contacts      one file per kind: prepare (Python columns) and apply (SQL sets)
tally     every row in one of four ends; money that adds up
returns   the file that goes back
run       the story: read → check → stage → apply, batch after batch, in one transaction
"""
