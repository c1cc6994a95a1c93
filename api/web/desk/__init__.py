"""The registrar's office (`/desk`): what is to be done by when, one case with all that belongs to it, and its forms."""

from api.web.desk import case, comments, earlier, findings, inbox, lines, opening, papers, steps, tables

PAGES = (inbox, opening, case, findings, steps, tables, lines, papers, comments, earlier)
"""The modules of its pages, each with a `router`."""
