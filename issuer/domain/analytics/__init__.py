"""Figures about flows of money: nothing here decides what anybody is paid, except the splits and
write-downs that the priority of payments calls.
"""
