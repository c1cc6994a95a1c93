"""What goes over the wire, one file a room; each shapes itself from the row that its service gives."""
