"""A small EVM toolkit: backends, compiler, signer, client, deployer. It knows nothing of securities.

Part of the application `abs-issuance-simulator`; not published as a library of its own.
"""
