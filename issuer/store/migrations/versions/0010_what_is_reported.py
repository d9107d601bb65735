"""batches of cash say of what they are; pool reports, fixings, payments of sponsors"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.rename_table("revenue_batch", "collection_batch")
    with op.batch_alter_table("collection_batch", schema=None) as batch_op:
        batch_op.add_column(sa.Column("of", sa.String(), nullable=False, server_default="REVENUE"))
    op.create_table(
        "pool_report",
        sa.Column("deal_id", sa.String(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("closing_balance_fen", sa.BigInteger(), nullable=False),
        sa.Column("defaulted_fen", sa.BigInteger(), nullable=False),
        sa.Column("losses_fen", sa.BigInteger(), nullable=False),
        sa.Column("fx_rate", sa.String(), nullable=False),
        sa.Column("fx_rate_date", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"]),
        sa.PrimaryKeyConstraint("deal_id", "period"),
    )
    op.create_table(
        "fixing",
        sa.Column("deal_id", sa.String(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("index", sa.String(), nullable=False),
        sa.Column("rate", sa.String(), nullable=False),
        sa.Column("fixed_on", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"]),
        sa.PrimaryKeyConstraint("deal_id", "period", "index"),
    )
    op.create_table(
        "support_payment",
        sa.Column("deal_id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("sponsor", sa.String(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("amount_micro", sa.BigInteger(), nullable=False),
        sa.Column("received_on", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"]),
        sa.PrimaryKeyConstraint("deal_id", "reference"),
    )


def downgrade() -> None:
    for name in ("support_payment", "fixing", "pool_report"):
        op.drop_table(name)
    with op.batch_alter_table("collection_batch", schema=None) as batch_op:
        batch_op.drop_column("of")
    op.rename_table("collection_batch", "revenue_batch")
