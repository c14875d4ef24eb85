"""what each goal of a plan costs the others

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-28 15:50:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "plan_prices",
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("job_id", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("iterations_asked", sa.Integer(), nullable=True),
        sa.Column("stop_asked", sa.Boolean(), nullable=False),
        sa.Column("priced_version", sa.Integer(), nullable=True),
        sa.Column("goals_asked", sa.Integer(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.CheckConstraint("state IN ('queued', 'pricing', 'priced', 'failed')", name=op.f("ck_plan_prices_state")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["plan_runs.id"], name=op.f("fk_plan_prices_run_id_plan_runs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_prices")),
        sa.UniqueConstraint("job_id", name=op.f("uq_plan_prices_job_id")),
        sa.UniqueConstraint("run_id", name=op.f("uq_plan_prices_run_id")),
    )


def downgrade() -> None:
    op.drop_table("plan_prices")
