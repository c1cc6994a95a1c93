"""The database: its engine and sessions, the one commit, paging, and the embedded cluster."""
