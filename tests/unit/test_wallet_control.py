"""What a `wallet_proof` shows: the wallet's own key has signed, for this investor and no other."""

from dataclasses import replace

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from issuer.domain.investor import Investor, WalletProof
from issuer.services.wallet_control import proof_of
from issuer.testing.wallet_proofs import wallet_proof
from tests.support.simulator import key_of, private_key
from tests.support.story import STRANGER
from tests.unit.rulebook_cases import INVESTORS

H1 = INVESTORS["H1"]
KEY = key_of(H1.wallet)

#: As the rule's cure names it, written out: what wallets and other libraries are asked to sign.
TYPED = {
    "types": {
        "EIP712Domain": [
            {"name": "name", "type": "string"},
            {"name": "version", "type": "string"},
        ],
        "WalletControl": [
            {"name": "investor", "type": "string"},
            {"name": "wallet", "type": "address"},
        ],
    },
    "primaryType": "WalletControl",
    "domain": {"name": "ABS wallet control", "version": "1"},
    "message": {"investor": "H1", "wallet": H1.wallet},
}


@pytest.mark.parametrize("investor", INVESTORS.values(), ids=list(INVESTORS))
def test_every_investor_of_the_example_file_has_signed(investor: Investor) -> None:
    assert proof_of(investor) is WalletProof.GIVEN


def test_signature_of_the_typed_data_as_the_cure_names_it_is_a_proof() -> None:
    signed = Account.sign_message(encode_typed_data(full_message=TYPED), KEY)
    proof = "0x" + bytes(signed.signature).hex()
    assert proof_of(replace(H1, wallet_proof=proof)) is WalletProof.GIVEN
    assert proof == H1.wallet_proof


def test_investor_without_a_signature_has_given_no_proof() -> None:
    assert proof_of(replace(H1, wallet_proof=None)) is WalletProof.NOT_GIVEN


@pytest.mark.parametrize(
    "proof",
    [
        wallet_proof("H1", H1.wallet, private_key(STRANGER)),
        wallet_proof("H2", H1.wallet, KEY),
        wallet_proof("H1", INVESTORS["H2"].wallet, KEY),
        INVESTORS["H2"].wallet_proof,
        "0x" + "00" * 65,
        "0x" + "ff" * 65,
    ],
    ids=["a stranger's", "for H2", "for H2's wallet", "H2's own", "zeros", "no signature"],
)
def test_signature_by_another_key_or_of_something_else_proves_nothing(proof: str) -> None:
    assert proof_of(replace(H1, wallet_proof=proof)) is WalletProof.BY_ANOTHER_KEY


def test_investor_who_signs_once_more_is_the_same_investor() -> None:
    again = wallet_proof("H1", H1.wallet, private_key(STRANGER))
    assert replace(H1, wallet_proof=again) == H1
