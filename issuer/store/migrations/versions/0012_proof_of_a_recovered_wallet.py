"""the signature of the wallet that took a lost one's place, beside that wallet"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("investor", schema=None) as batch_op:
        batch_op.add_column(sa.Column("wallet_proof", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("investor", schema=None) as batch_op:
        batch_op.drop_column("wallet_proof")
