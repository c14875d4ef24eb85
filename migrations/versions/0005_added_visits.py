"""added visits among what is agreed for one week

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-28 13:45:00
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TABLE = "schedule_exceptions"
_BEFORE = "kind IN ('widen_window', 'another_day', 'extra_minutes')"
_AFTER = "kind IN ('widen_window', 'another_day', 'extra_minutes', 'added_visit')"


def upgrade() -> None:
    _check(_AFTER)


def downgrade() -> None:
    op.execute(f"DELETE FROM {_TABLE} WHERE kind = 'added_visit'")
    _check(_BEFORE)


def _check(condition: str) -> None:
    with op.batch_alter_table(_TABLE, schema=None) as batch_op:
        # SQLite's table is written anew, and its checks are not read from the old one.
        if op.get_bind().dialect.name != "sqlite":
            batch_op.drop_constraint(op.f("ck_schedule_exceptions_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_schedule_exceptions_kind"), condition)
