"""ROOM long work: the PostgreSQL job queue, its worker, and how far a job has come."""
