"""ROOM the command line: parses, calls one service function, prints."""
