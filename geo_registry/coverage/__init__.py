"""ROOM service gaps: standards, population, and who is within reach of what."""
