"""ROOM import: files in, rows checked one by one, all or nothing written, and a report of what became of each."""
