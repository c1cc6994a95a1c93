"""The papers of a case, made from values so that nothing is typed twice: announcement, filing, opinions, application. Bytes out."""

from geo_registry.cases.papers.announcement import (
    annex_xlsx,
    announcement_docx,
    announcement_json,
    announcement_pdf,
)
from geo_registry.cases.papers.application import ApplicationDraft, application_docx
from geo_registry.cases.papers.filing import (
    Card,
    FilingDraft,
    filing_form_docx,
    filing_form_xlsx,
    filing_report_docx,
)
from geo_registry.cases.papers.opinions import Opinion, OpinionsDraft, opinions_report_docx

__all__ = [
    "ApplicationDraft",
    "Card",
    "FilingDraft",
    "Opinion",
    "OpinionsDraft",
    "annex_xlsx",
    "announcement_docx",
    "announcement_json",
    "announcement_pdf",
    "application_docx",
    "filing_form_docx",
    "filing_form_xlsx",
    "filing_report_docx",
    "opinions_report_docx",
]
