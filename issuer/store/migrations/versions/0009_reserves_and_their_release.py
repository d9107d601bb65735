"""deals of the earlier form are refused: their one reserve had no way out, and that was filed"""

import sqlalchemy as sa
from alembic import op

from issuer.domain.errors import StateConflict

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

deal = sa.table("deal", sa.column("id", sa.String), sa.column("document", sa.JSON))


def upgrade() -> None:
    # The terms are part of what was filed and hashed, so they cannot be brought into the new form.
    rows = op.get_bind().execute(sa.select(deal.c.id, deal.c.document)).all()
    if earlier := [name for name, document in rows if "reserve" in document]:
        raise StateConflict(
            f"{', '.join(earlier)}: the terms have `reserve`, the form of an earlier version, where it"
            " is `reserves` now, each with a `release` step. Cure: begin with a new database, and"
            " file the deal in the new form",
            code="database.outdated",
            deals=earlier,
        )


def downgrade() -> None:
    pass
