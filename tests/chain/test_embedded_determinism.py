import threading

from tests.chain.conftest import make_world


def head_hash(world):
    return world.backend.request("eth_getBlockByNumber", ["latest", False])["hash"]


def run(world, *, looking=False):
    for value in range(5):
        signed = world.sign("store", value, value, "note")
        if looking:  # reads between transactions share the next block's state
            world.client.simulate(world.call_to("store", value, 999, "other"))
            world.client.estimate_gas(world.call_to("storeMany", 5))
            world.read("stored", value)
        world.client.confirm(world.client.send(signed.raw))
    return head_hash(world)


def test_equal_runs_give_equal_block_hashes():
    assert run(make_world()) == run(make_world())


def test_reading_leaves_no_trace_in_what_is_mined():
    assert run(make_world()) == run(make_world(), looking=True)


def test_an_estimate_is_the_same_twice_and_suffices(world):
    call = world.call_to("store", 9, 9, "x").to_json()
    first = int(world.backend.request("eth_estimateGas", [call]), 16)
    assert int(world.backend.request("eth_estimateGas", [call]), 16) == first
    assert world.transact("store", 9, 9, "x", gas=first).gas_used == first


def test_an_estimate_covers_what_a_callee_does_not_get(world):
    gas = world.client.estimate_gas(world.call_to("storeMany", 40))
    assert world.transact("storeMany", 40, gas=gas).succeeded


def test_threads_do_not_disturb_each_other():
    world = make_world()
    failures = []

    def read_much():
        try:
            for _ in range(20):
                assert world.read("LIMIT") == 1_000
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=read_much) for _ in range(4)]
    for thread in threads:
        thread.start()
    for value in range(20):
        world.transact("store", value, value, "")
    for thread in threads:
        thread.join()
    assert failures == []
    assert world.read("stored", 19) == 19
