"""Place names: what they are called, how they are spelt, by which rules."""
