"""Answers, a module for each resource. Amounts of money are integers of coin micro-units, as text, in
fields that end in `_micro`: the same number stands in Solidity, Python and SQL. Units are whole numbers.
"""
