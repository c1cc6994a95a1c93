"""ROOM `/admin`: accounts, teams, tokens and jobs, for whoever keeps them; tables, not dashboards."""

from api.web.admin import jobs, teams, tokens, users

PAGES = (users, teams, tokens, jobs)
"""Each has a `router`."""
