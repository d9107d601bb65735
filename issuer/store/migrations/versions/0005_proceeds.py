"""what the proceeds were used for"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proceeds_transfer",
        sa.Column("deal_id", sa.String(), nullable=False),
        sa.Column("inbound_reference", sa.String(), nullable=False),
        sa.Column("use", sa.String(), nullable=False),
        sa.Column("amount_micro", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"]),
        sa.PrimaryKeyConstraint("deal_id", "inbound_reference"),
    )


def downgrade() -> None:
    op.drop_table("proceeds_transfer")
