"""The service as its users' code calls it: any use case, in the name of any party, to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Concatenate, ParamSpec, TypeVar

from issuer.bootstrap import Simulator
from issuer.domain.errors import ChainRefused, ChainUnavailable, IssuanceBug
from issuer.domain.operations import Operation, OperationState
from issuer.domain.roles import Actor, Role
from issuer.keys import ROLE_ACCOUNTS, Keychain
from issuer.onchain.wallet import Wallet
from issuer.services.context import Context
from issuer.services.reports import operation_report

WAIT_SECONDS = 60.0
#: The first accounts belong to the roles; the wallets of everybody else follow.
_FIRST_WALLET = len(ROLE_ACCOUNTS)

P = ParamSpec("P")
T = TypeVar("T")


class Service:
    """A running simulator. `context` and `actor` are what every function of `issuer.services` takes.

    `simulator` is what `api.app.create_app` takes, for tests that go through HTTP:

        transport = httpx.ASGITransport(create_app(abs_service.simulator))
        client = httpx.AsyncClient(transport=transport, base_url="http://abs")
        headers = {"X-API-Key": abs_service.simulator.api_keys[Role.REGULATOR]}
    """

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self._keychain = Keychain(simulator.settings.mnemonic)
        self._wallets: dict[str, Wallet] = {}

    @property
    def context(self) -> Context:
        """Database, chain and calendar of the simulator."""
        return self.simulator.context

    @staticmethod
    def actor(who: str) -> Actor:
        """The party called `who`: a role such as `"regulator"`, or else an investor's id."""
        if who in set(Role):
            return Actor(Role(who), f"test {who}")
        return Actor(Role.INVESTOR, f"test {who}", who)

    def call(
        self,
        function: Callable[Concatenate[Context, Actor, P], T],
        who: str,
        *arguments: P.args,
        **options: P.kwargs,
    ) -> T:
        """Call a use case as `who` and wait until the chain has confirmed what it wants there.

        Gives what the use case gives: the state as it was before the chain's answer. Raises what the
        use case raises, and `ChainRefused` if a contract refuses.
        """
        answer = function(self.context, self.actor(who), *arguments, **options)
        self.settle()
        for operation in _operations_in(answer):
            self._require_confirmed(operation)
        return answer

    def settle(self) -> None:
        """Return when nothing is on its way to the chain and the register is up to date."""
        self.simulator.worker.wait_until_idle(WAIT_SECONDS)
        self.simulator.worker.drain()

    def wallet(self, address: str) -> Wallet:
        """The wallet of a demonstration account, by its address; `LookupError` for any other."""
        if address not in self._wallets:
            for number in range(_FIRST_WALLET, self.simulator.settings.accounts):
                wallet = Wallet(self.context.chain, self._keychain.key(number))
                self._wallets[wallet.address] = wallet
        if address not in self._wallets:
            raise LookupError(f"nobody here has the key of {address}")
        return self._wallets[address]

    def _require_confirmed(self, operation: Operation) -> None:
        done = operation_report(self.context, operation.id).operation
        error = dict(done.error or {})
        match done.state:
            case OperationState.PENDING:
                raise ChainUnavailable(f"{done.kind} has not been confirmed", operation=done.id)
            case OperationState.REFUSED:
                raise ChainRefused(str(error.pop("message")), code=error.pop("code"), **error)
            case OperationState.FAILED:
                raise IssuanceBug(f"{done.kind} {done.id}: {error.get('message')}")


def _operations_in(answer: object) -> Iterator[Operation]:
    if isinstance(answer, Operation):
        yield answer
    elif isinstance(answer, tuple | list):
        for each in answer:
            yield from _operations_in(each)
