"""A small EVM toolkit: backends, compiler, signer, client, deployer. Securities are unknown here.

Part of the application `abs-issuance-simulator`; not published as a library of its own.
"""
