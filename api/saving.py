"""Files that a browser saves: never shown in a page of ours, whatever they hold."""

from urllib.parse import quote

from starlette.responses import Response


def to_be_saved(content: bytes, media_type: str, file_name: str) -> Response:
    """A file under its name, Chinese too (RFC 6266)."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file_name)}"}
    return Response(content, media_type=media_type, headers=headers)
