"""the pause of a review, the amendment of what was published, and why a filing ended"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ADDED = ("pause", "amendment", "ended_because")


def upgrade() -> None:
    with op.batch_alter_table("filing", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pause", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("amendment", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("ended_because", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("filing", schema=None) as batch_op:
        for name in ADDED:
            batch_op.drop_column(name)
