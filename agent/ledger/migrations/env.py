"""Alembic's entry: runs within the transaction that ``bring_up_to_date`` has opened, all or nothing."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
