"""Calculations of mainland Chinese law: fees, orders of payment, clocks, caps. Pure functions over dated tables.

Money is whole cents, rates are Decimal, dates come in as arguments. Each module says how to call it; every figure lies
in `law/tables/*.yaml` with its source, dates and confidence (docs/calculations.md). `questions.answer_lines` answers
JSON lines. Mistakes raise `figures.CalcError` naming the field, what is wrong with it and how to mend it.
"""
