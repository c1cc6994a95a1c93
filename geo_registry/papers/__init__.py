"""PAPERS: documents as bytes, made from values: DOCX to go on writing in, PDF to be read and printed. No database, no pages."""
