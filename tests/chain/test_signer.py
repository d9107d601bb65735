from chain.signer import LocalSigner

KEY = "0x" + "33" * 32


def test_a_signer_never_shows_its_key():
    signer = LocalSigner(KEY, 1)
    assert "33" * 32 not in repr(signer)
    assert signer.address in repr(signer)
