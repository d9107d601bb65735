"""The issuing service: domain rules, use cases, store, and the one door to the chain.

Part of the application `abs-issuance-simulator`; not published as a library of its own.
"""
