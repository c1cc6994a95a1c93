"""Roads that have no name (乡村著名行动): found, joined into lanes by village, named by proposal, carried to the field."""
