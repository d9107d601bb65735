"""The HTTP API and the command line: parse, one service call, present.

Part of the application `abs-issuance-simulator`; not published as a library of its own.
"""
