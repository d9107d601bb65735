"""6 May: units move between admitted investors, and to nobody else."""

from __future__ import annotations

from storyboard.hands import ACCEPTED, Wallet
from storyboard.stage import DEAL, STRANGER, TOKEN, Stage


def transfer(stage: Stage) -> None:
    """To another investor and back; to a stranger; into a pledge vault."""
    story, ledger, h1 = stage.story, stage.ledger, stage.wallets["H1"]
    stage.day("6 May", "11:00", "H1", "transfers with its own key, through JSON-RPC")
    there, back = stage.transfer("H1", "H2", 1_000), stage.transfer("H2", "H1", 1_000)
    story.expect(f"1,000 units to H2: {there}; and back: {back}", (there, back) == (ACCEPTED,) * 2)
    vault = h1.deploys("PledgeVault", ledger.address(TOKEN))
    ledger.learn("vault", vault, "PledgeVault")
    stranger = Wallet(ledger, STRANGER).address
    cannot_receive = "ERC7943CannotReceive"
    refused(stage, "to a stranger", stranger, "INV-01", cannot_receive)
    refused(stage, "to a pledge vault (attempt CIR-01)", vault, "INV-01", cannot_receive)
    h1.sends(TOKEN, "approve", vault, 100)
    said = h1.tries("vault", "pledge", 100)
    told = f"nor can the vault pull them: {said}"
    story.expect(told, said.startswith(cannot_receive), said)
    h1.sends(TOKEN, "approve", vault, 0)
    stage.agree()


def refused(stage: Stage, told: str, receiver: str, rule: str, error: str) -> None:
    """The service's dry run, the token's own forecast, and H1's transaction say the same."""
    h1 = stage.wallets["H1"]
    body = {
        "deal": DEAL,
        "tranche": "A",
        "sender": h1.address,
        "receiver": receiver,
        "units": 100,
    }
    check = stage.api.post("H1", "/v1/checks/transfer", body)
    rules = [finding["rule"] for finding in check["findings"]]
    can = stage.ledger.token("canTransfer", h1.address, receiver, 100)
    said = h1.sends(TOKEN, "transfer", receiver, 100)
    stage.story.expect(
        f"{told}: refused. Dry run {', '.join(rules)}, canTransfer {can}, chain {said}",
        (can, rules) == (False, [rule]) and said.startswith(error),
        (can, rules, said),
    )
