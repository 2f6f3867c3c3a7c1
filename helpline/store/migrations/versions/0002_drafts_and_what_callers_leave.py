"""Drafts with their one-time pages, experiences, interests and knowledge gaps"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("id", _ID, nullable=False),
        sa.Column("contact_id", _ID, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("variant", sa.String(length=32), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("draft_contact", "draft", ["contact_id", "kind"])
    op.create_index("draft_expires", "draft", ["expires_at"])
    op.create_table(
        "page_link",
        sa.Column("id", _ID, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("draft_id", _ID, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key_hash", sa.LargeBinary(), nullable=True),
        sa.Column("key_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("page_link_expires", "page_link", ["expires_at"])
    op.create_table(
        "experience",
        sa.Column("id", _ID, nullable=False),
        sa.Column("shared_on", sa.Date(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", _ID, nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["advisor.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("experience_state", "experience", ["state", "shared_on"])
    op.create_table(
        "interest",
        sa.Column("id", _ID, nullable=False),
        sa.Column("caller_id", _ID, nullable=True),
        sa.Column("offer", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("county", sa.String(length=8), nullable=True),
        sa.Column("consent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("safe_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", _ID, nullable=True),
        sa.ForeignKeyConstraint(["caller_id"], ["caller.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["settled_by"], ["advisor.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("interest_open", "interest", ["settled_at", "consent_at"])
    op.create_index(
        "interest_once",
        "interest",
        ["caller_id", "offer"],
        unique=True,
        sqlite_where=sa.text("caller_id IS NOT NULL"),
        postgresql_where=sa.text("caller_id IS NOT NULL"),
    )
    op.create_table(
        "knowledge_gap",
        sa.Column("id", _ID, nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("knowledge_gap_day", "knowledge_gap", ["asked_on"])
    op.add_column("caller", sa.Column("evaluation_asked_at", sa.DateTime(timezone=True), nullable=True))
