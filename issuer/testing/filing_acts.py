"""What happens to the example deal until its filing is approved, and what the authorities do later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from functools import cache, cached_property
from typing import Any

from eth_account.messages import encode_typed_data

from issuer.documents.deal import DealDocument, parse_deal
from issuer.documents.fields import parse_document
from issuer.documents.filing import FilingDocument, as_received
from issuer.documents.text import read_file
from issuer.domain.bundle import ATTESTER_ROLES
from issuer.domain.deal import Deal
from issuer.domain.events import COMPLETION
from issuer.domain.filing import Filing
from issuer.examples import EXAMPLE_DEAL, example_file
from issuer.services import deployment, dossier, events, filing, review, supervision
from issuer.services.bundles import typed_data
from issuer.testing.clock import Clock
from issuer.testing.service import Service


@cache
def _file(name: str) -> dict[str, Any]:
    return read_file(example_file(name))


def document(kind: str = "") -> dict[str, Any]:
    """A copy of a file of the example deal: the deal itself, its `"filing"`, its `"investors"` …"""
    return deepcopy(_file(".".join(filter(None, (EXAMPLE_DEAL, kind, "yaml")))))


class FilingActs:
    """The acts of operator, filer and regulator. Each is waited for until the chain has confirmed."""

    def __init__(self, service: Service, deal_id: str = EXAMPLE_DEAL) -> None:
        self.id = deal_id
        self.service = service
        self.clock = Clock(service)
        self._contracts: dict[str, str] = {}

    # ---- what there is

    @cached_property
    def terms(self) -> Deal:
        """The deal as it was registered."""
        return parse_deal(deployment.deal_document(self.service.context, self.id), self.id)

    @property
    def contracts(self) -> Mapping[str, str]:
        """Contract name -> address, such as `abs_token:A`; empty until the deal is deployed."""
        if not self._contracts:  # once they are there, they stay
            found = deployment.deployment_of(self.service.context, self.id)
            self._contracts = {contract.name: contract.address for contract in found}
        return self._contracts

    @property
    def filing(self) -> Filing:
        """The latest filing, as it stands."""
        found = dossier.filings_of(self.service.context, self.id)
        if not found:
            raise LookupError(f"the deal {self.id} has no filing yet")
        return found[-1]

    @property
    def filing_id(self) -> str:
        """Its id."""
        return self.filing.id

    # ---- the deal

    def deal_document(self) -> dict[str, Any]:
        """The deal's file."""
        return read_file(example_file(f"{self.id}.yaml"))

    def register(self) -> None:
        """The operator registers the deal."""
        asked = self.deal_document()
        stored = parse_document(DealDocument, asked, self.id).model_dump(mode="json")
        deal = parse_deal(asked, self.id)
        self.service.call(deployment.register_deal, "operator", deal, stored)

    def deploy(self) -> None:
        """The operator deploys its contracts."""
        self.service.call(deployment.deploy_deal, "operator", self.id)

    # ---- the filing

    def filing_document(self) -> dict[str, Any]:
        """The example filing, its plan naming this chain and the deployed contracts."""
        found = document("filing")
        found["plan"] |= self.deployed()
        return found

    def deployed(self) -> dict[str, Any]:
        """What the plan says of the chain and the deal's contracts."""
        contracts = [
            {"name": each.name, "address": each.address, "code_hash": each.code_hash}
            for each in deployment.deployment_of(self.service.context, self.id)
            if each.deal_id == self.id
        ]
        return {"chain_id": self.service.context.chain.chain_id, "contracts": contracts}

    def draft(self, changed: Mapping[str, Any] | None = None, supersedes: str | None = None) -> str:
        """The filer drafts a filing, the example's or another one; its id."""
        asked = parse_document(FilingDocument, changed or self.filing_document(), "filing")
        sections = as_received(asked, exclude={"version", "materials"})
        materials = [material.to_domain() for material in asked.materials]
        prepared = self.service.call(
            filing.draft_filing, "filer", self.id, sections, materials, supersedes
        )
        return prepared.filing.id

    def sign(self, roles: Iterable[str] = ATTESTER_ROLES, version: int | None = None) -> None:
        """The responsible roles sign a version (the one submitted last) with their own keys (EIP-712)."""
        now = self.filing
        signed = now.version if version is None else version
        found = dossier.read_version(
            self.service.context, self.service.actor("filer"), now.id, signed
        )
        chain_id = self.service.context.chain.chain_id
        for role in roles:
            data = typed_data(now.id, signed, role, found.recomputed_hash, chain_id)
            signer = self.service.wallet(found.stored.sections["attesters"][role])
            signature = signer.sign_message(encode_typed_data(full_message=data))
            self.service.call(filing.attest, "filer", now.id, role, signature)

    def prepare_version(self) -> None:
        """The filer prepares the next version, with nothing changed but its number, and has it signed."""
        prepared = self.service.call(filing.prepare_version, "filer", self.filing_id, None, [])
        self.sign(version=prepared.version)

    def submit(self) -> None:
        """The filer submits."""
        self.service.call(filing.submit_filing, "filer", self.filing_id)

    def check_formality(self) -> Filing:
        """The regulator takes the filing up (UNDER_REVIEW), or does not (NOT_ACCEPTED, with findings)."""
        return self.service.call(review.check_formality, "regulator", self.filing_id)

    def approve(self) -> None:
        """The regulator approves exactly what is stored; confirmed on chain, it is FILED."""
        now = self.filing
        version = dossier.read_version(
            self.service.context, self.service.actor("regulator"), now.id, now.version
        )
        digest = version.recomputed_hash
        self.service.call(review.approve_filing, "regulator", now.id, now.version, digest)

    def report_completion(self, report: str = "80,000 units issued.") -> None:
        """The filer reports the completed issuance (EV-01): the deal is ACTIVE."""
        self.service.call(events.report_event, "filer", self.filing_id, COMPLETION, report)

    # ---- supervision

    def suspend(self, reason: str = "under examination") -> None:
        """The regulator suspends the filing: no mint, no transfer, here and on chain."""
        self.service.call(supervision.suspend_filing, "regulator", self.filing_id, reason)

    def lift(self, reason: str = "the cause is removed") -> None:
        """The regulator lifts the suspension."""
        self.service.call(supervision.lift_suspension, "regulator", self.filing_id, reason)

    def revoke(self, reason: str = "obtained by false statements") -> None:
        """The regulator revokes the filing, for good."""
        self.service.call(supervision.revoke_filing, "regulator", self.filing_id, reason)
