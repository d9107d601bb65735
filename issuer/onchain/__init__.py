"""The only door from the issuing service to the chain: domain words in, contract calls out, and
refusals back as domain errors.
"""
