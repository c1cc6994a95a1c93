"""Who may, tried: everybody there is, in every division, by every verb, route and command.

A new verb needs its row in `deeds.py`, a new route one in `routes.py`, a new command one in `commands.py`; the tests
name what is missing. What is expected is always asked of the policy's table, never written down here.
"""
