"""ROOM facilities: their kinds with each kind's own fields, the rules, and what can be asked of them."""
