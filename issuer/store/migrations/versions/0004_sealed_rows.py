"""rows that the service vouches for"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SEALED = ("api_key", "audit", "contract", "permitted_account")


def upgrade() -> None:
    for table in SEALED:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(
                sa.Column("seal", sa.String(), nullable=False, server_default="unsealed")
            )


def downgrade() -> None:
    for table in SEALED:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("seal")
