"""which versions of the materials have been submitted, and when: those are never replaced"""

from datetime import datetime, timedelta, timezone

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

HONG_KONG = timezone(timedelta(hours=8))
SUBMITTING = ("submit_filing", "answer_supplement", "amend_filing")

version = sa.table(
    "filing_version",
    sa.column("filing_id", sa.String),
    sa.column("version", sa.Integer),
    sa.column("submitted_on", sa.String),
)
audit = sa.table(
    "audit",
    sa.column("seq", sa.Integer),
    sa.column("at", sa.String),
    sa.column("act", sa.String),
    sa.column("subject", sa.String),
    sa.column("facts", sa.JSON),
)


def upgrade() -> None:
    with op.batch_alter_table("filing_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("submitted_on", sa.String(), nullable=True))
    # The log has every submission, also of what was taken back afterwards.
    connection = op.get_bind()
    made = sa.select(audit.c.at, audit.c.subject, audit.c.facts).where(audit.c.act.in_(SUBMITTING))
    for at, filing, facts in connection.execute(made.order_by(audit.c.seq)).all():
        day = datetime.fromisoformat(at).astimezone(HONG_KONG).date().isoformat()
        connection.execute(
            sa.update(version)
            .where(version.c.filing_id == filing, version.c.version == facts["version"])
            .values(submitted_on=day)
        )


def downgrade() -> None:
    with op.batch_alter_table("filing_version", schema=None) as batch_op:
        batch_op.drop_column("submitted_on")
