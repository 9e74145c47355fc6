"""Many machines on one PostgreSQL: workers, whom an engine (DBOS Transact) hands jobs out to.

Nothing else of the product imports this room, ``dbos`` or ``psycopg``: one machine needs none of them.
"""
