"""Folded tallies by cut, of days and of months; days folded before are folded anew from the records"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "folded_tally",
        sa.Column("span", sa.String(length=8), nullable=False),
        sa.Column("cut", sa.String(length=64), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("tally", sa.JSON(), nullable=False),
        sa.Column("folded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("span", "cut", "first", "simulated"),
    )
    op.drop_table("day_tally")
