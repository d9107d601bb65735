"""For tests of issuance flows in other projects: the example deal at any stage of its life.

`issuer.pytest_plugin` makes fixtures of it. Nothing here needs pytest.
"""
