import tomllib

import pytest

from chain.client import Call
from chain.errors import RpcError
from chain.permissions import AccountPermissions
from chain.signer import LocalSigner
from tests.chain.conftest import CHAIN_ID, make_world

STRANGER = LocalSigner("0x" + "33" * 32, CHAIN_ID)
OWNER = LocalSigner("0x" + "11" * 32, CHAIN_ID)


def empty_transaction(world, signer):
    nonce = world.client.next_nonce(signer.address)
    call = Call(signer.address, STRANGER.address, b"")
    return world.client.sign(call, signer, nonce, 21_000)


def test_a_stranger_may_not_send_until_permitted():
    world = make_world(AccountPermissions.only([OWNER.address]))
    signed = empty_transaction(world, STRANGER)
    with pytest.raises(RpcError, match="not authorized to send") as caught:
        world.client.send(signed.raw)
    assert caught.value.code == -32007
    world.backend.permissions.permit(STRANGER.address.lower())
    with pytest.raises(RpcError, match="insufficient funds"):  # permitted, and penniless
        world.client.send(signed.raw)


def test_a_permitted_account_may_send_until_withdrawn():
    world = make_world(AccountPermissions.only([OWNER.address]))
    assert world.client.confirm(world.client.send(empty_transaction(world, OWNER).raw)).succeeded
    world.backend.permissions.withdraw(OWNER.address)
    with pytest.raises(RpcError, match="not authorized"):
        world.client.send(empty_transaction(world, OWNER).raw)


def test_a_stranger_may_still_read():
    world = make_world(AccountPermissions.only([OWNER.address]))
    assert world.read("LIMIT", sender=STRANGER.address) == 1_000


def test_without_an_allowlist_everyone_may_send():
    everyone = AccountPermissions.everyone()
    assert everyone.is_permitted(STRANGER.address)
    with pytest.raises(ValueError, match="no allowlist"):
        everyone.withdraw(STRANGER.address)


def test_an_empty_allowlist_lets_nobody_send():
    assert not AccountPermissions.only([]).is_permitted(STRANGER.address)


def test_besu_file_lists_the_accounts():
    permissions = AccountPermissions.only([OWNER.address, STRANGER.address])
    content = tomllib.loads(permissions.besu_toml())
    expected = {OWNER.address.lower(), STRANGER.address.lower()}
    assert set(content["accounts-allowlist"]) == expected


def test_besu_file_needs_an_allowlist():
    with pytest.raises(ValueError, match="permissioning off"):
        AccountPermissions.everyone().besu_toml()


def test_the_allowlist_returns_to_what_it_was():
    permissions = AccountPermissions.only([OWNER.address])
    before = permissions.allowed()
    permissions.permit(STRANGER.address)
    permissions.replace(before)
    assert permissions.is_permitted(OWNER.address)
    assert not permissions.is_permitted(STRANGER.address)
    assert AccountPermissions.everyone().allowed() is None
