"""The SQL tables. Money and units are integers; dates and instants are ISO-8601 text; `migrations/`
creates exactly these.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

# An id that counts up. SQLite counts INTEGER keys only.
_Serial = BigInteger().with_variant(Integer, "sqlite")

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)

deal = Table(
    "deal",
    metadata,
    Column("id", String, primary_key=True),
    Column("document", JSON, nullable=False),
    Column("registered_at", String, nullable=False),
)

contract = Table(
    "contract",
    metadata,
    Column("deal_id", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("artifact", String, nullable=False),
    Column("address", String, nullable=False, unique=True),
    Column("code_hash", String, nullable=False),
    Column("transaction_hash", String, nullable=False),
    Column("block_number", Integer, nullable=False),
    Column("seal", String, nullable=False, server_default="unsealed"),
)

filing = Table(
    "filing",
    metadata,
    Column("id", String, primary_key=True),
    Column("deal_id", ForeignKey("deal.id"), nullable=False, index=True),
    Column("state", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("supersedes", ForeignKey("filing.id")),
    Column("submitted_on", String),
    Column("review_days_used", Integer, nullable=False),
    Column("review_running_since", String),
    Column("supplement", JSON),
    Column("pause", JSON),
    Column("amendment", JSON),
    Column("approval", JSON),
    Column("published_on", String),
    Column("suspended_in", String),
    Column("security_determination", String),
    Column("events", JSON, nullable=False),
    Column("findings", JSON, nullable=False),
    Column("ended_because", Text),
)

filing_version = Table(
    "filing_version",
    metadata,
    Column("filing_id", ForeignKey("filing.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("sections", JSON, nullable=False),
    Column("bundle_hash", String, nullable=False),
    Column("prepared_at", String, nullable=False),
    Column("submitted_on", String),
)

material = Table(
    "material",
    metadata,
    Column("filing_id", ForeignKey("filing.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("code", String, primary_key=True),
    Column("title", String, nullable=False),
    Column("media_type", String, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("not_applicable", Text),
    Column("declared", JSON, nullable=False),
)

attestation = Table(
    "attestation",
    metadata,
    Column("filing_id", ForeignKey("filing.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("role", String, primary_key=True),
    Column("signer", String, nullable=False),
    Column("bundle_hash", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("signed_on", String),
)

investor = Table(
    "investor",
    metadata,
    Column("id", String, primary_key=True),
    Column("wallet", String, nullable=False, unique=True),
    Column("document", JSON, nullable=False),
    Column("status", String, nullable=False),
    Column("eligible_until", String, nullable=False),
    Column("admitted_at", String, nullable=False),
    Column("wallet_proof", String),
)

admission = Table(
    "admission",
    metadata,
    Column("deal_id", ForeignKey("deal.id"), primary_key=True),
    Column("investor_id", ForeignKey("investor.id"), primary_key=True),
)

sanction = Table(
    "sanction",
    metadata,
    Column("entry", String, primary_key=True),
    Column("reference", String, nullable=False),
)

subscription = Table(
    "subscription",
    metadata,
    Column("id", String, primary_key=True),
    Column("deal_id", ForeignKey("deal.id"), nullable=False),
    Column("tranche_id", String, nullable=False),
    Column("investor_id", ForeignKey("investor.id"), nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("price_micro", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("subscribed_at", String, nullable=False),
    Column("operation_number", Integer),
    Index("ix_subscription_deal", "deal_id", "tranche_id"),
)

proceeds_transfer = Table(
    "proceeds_transfer",
    metadata,
    Column("deal_id", ForeignKey("deal.id"), primary_key=True),
    Column("inbound_reference", String, primary_key=True),
    Column("use", String, nullable=False),
    Column("amount_micro", BigInteger, nullable=False),
    Column("recorded_at", String, nullable=False),
)

asset_purchase = Table(
    "asset_purchase",
    metadata,
    Column("deal_id", ForeignKey("deal.id"), primary_key=True),
    Column("id", String, primary_key=True),
    Column("bought_on", String, nullable=False),
    Column("document", JSON, nullable=False),
    Column("recorded_at", String, nullable=False),
)

collection_batch = Table(
    "collection_batch",
    metadata,
    Column("deal_id", ForeignKey("deal.id"), primary_key=True),
    Column("id", String, primary_key=True),
    Column("period", Integer, nullable=False),
    Column("cny_fen", BigInteger, nullable=False),
    Column("fx", JSON),
    Column("received_on", String, nullable=False),
    Column("coin_micro", BigInteger),
    Column("dropped", String),
    Column("state", String, nullable=False),
    Column("of", String, nullable=False, server_default="REVENUE"),
)

pool_report = Table(
    "pool_report",
    metadata,
    Column("deal_id", ForeignKey("deal.id"), primary_key=True),
    Column("period", Integer, primary_key=True, autoincrement=False),
    Column("closing_balance_fen", BigInteger, nullable=False),
    Column("defaulted_fen", BigInteger, nullable=False),
    Column("losses_fen", BigInteger, nullable=False),
    Column("fx_rate", String, nullable=False),
    Column("fx_rate_date", String, nullable=False),
)

fixing = Table(
    "fixing",
    metadata,
    Column("deal_id", ForeignKey("deal.id"), primary_key=True),
    Column("period", Integer, primary_key=True, autoincrement=False),
    Column("index", String, primary_key=True),
    Column("rate", String, nullable=False),
    Column("fixed_on", String, nullable=False),
    Column("source", String, nullable=False),
)

support_payment = Table(
    "support_payment",
    metadata,
    Column("deal_id", ForeignKey("deal.id"), primary_key=True),
    Column("reference", String, primary_key=True),
    Column("sponsor", String, nullable=False),
    Column("period", Integer, nullable=False),
    Column("amount_micro", BigInteger, nullable=False),
    Column("received_on", String, nullable=False),
    Column("state", String, nullable=False),
)

distribution = Table(
    "distribution",
    metadata,
    Column("id", String, primary_key=True),
    Column("deal_id", ForeignKey("deal.id"), nullable=False),
    Column("period", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("determination", JSON, nullable=False),
    Column("record_at", BigInteger, nullable=False),
    Column("epochs", JSON, nullable=False),
    UniqueConstraint("deal_id", "period"),
)

entitlement = Table(
    "entitlement",
    metadata,
    Column("distribution_id", ForeignKey("distribution.id"), primary_key=True),
    Column("tranche_id", String, primary_key=True),
    Column("investor_id", ForeignKey("investor.id"), primary_key=True),
    Column("wallet", String, nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("interest_micro", BigInteger, nullable=False),
    Column("principal_micro", BigInteger, nullable=False),
    Column("outcome", String, nullable=False),
    Column("transaction_hash", String),
)

holding = Table(
    "holding",
    metadata,
    Column("deal_id", ForeignKey("deal.id"), primary_key=True),
    Column("tranche_id", String, primary_key=True),
    Column("wallet", String, primary_key=True),
    Column("units", BigInteger, nullable=False),
)

posting = Table(
    "posting",
    metadata,
    Column("id", _Serial, primary_key=True, autoincrement=True),
    Column("deal_id", ForeignKey("deal.id"), nullable=False, index=True),
    Column("entry_id", String, nullable=False),
    Column("memo", String, nullable=False),
    Column("account", String, nullable=False),
    Column("amount_micro", BigInteger, nullable=False),
    Column("posted_at", String, nullable=False),
    UniqueConstraint("deal_id", "entry_id", "account"),
)

operation = Table(
    "operation",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("deal_id", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("state", String, nullable=False),
    Column("created_at", String, nullable=False),
    Column("detail", JSON, nullable=False),
    Column("error", JSON),
)

command = Table(
    "command",
    metadata,
    Column("id", _Serial, primary_key=True, autoincrement=True),
    Column("operation_id", ForeignKey("operation.id"), nullable=False, index=True),
    Column("deal_id", String, nullable=False),
    Column("signer", String, nullable=False),
    Column("contract", String, nullable=False),
    Column("artifact", String),
    Column("function", String),
    Column("arguments", JSON, nullable=False),
    Column("description", String, nullable=False),
    Column("seal", String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("nonce", Integer),
    Column("raw", LargeBinary),
    Column("transaction_hash", String),
    Column("block_number", Integer),
    Column("gas_used", Integer),
    Column("error", JSON),
    UniqueConstraint("signer", "nonce"),
)

api_key = Table(
    "api_key",
    metadata,
    Column("key_hash", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("name", String, nullable=False),
    Column("investor_id", ForeignKey("investor.id")),
    Column("seal", String, nullable=False, server_default="unsealed"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("principal", String, primary_key=True),
    Column("method", String, primary_key=True),
    Column("path", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("body_hash", String, nullable=False),
    Column("status", Integer),
    Column("headers", JSON),
    Column("body", LargeBinary),
    # What the request has done, written with it: a server that ends before it answers leaves no doubt.
    Column("act", String),
    Column("subject", String),
    Column("operations", JSON),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("at", String, nullable=False),
    Column("role", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("act", String, nullable=False),
    Column("subject", String, nullable=False, index=True),
    Column("facts", JSON, nullable=False),
    Column("previous_hash", String, nullable=False),
    Column("hash", String, nullable=False),
    Column("seal", String, nullable=False, server_default="unsealed"),
)

permitted_account = Table(
    "permitted_account",
    metadata,
    Column("address", String, primary_key=True),
    Column("label", String, nullable=False),
    Column("seal", String, nullable=False, server_default="unsealed"),
)
