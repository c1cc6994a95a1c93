"""`/docs`: what stands there is true, and what is shown to be typed works."""

import re
import shlex
from html import unescape

import httpx
import pytest

from api.web.reference import told, type_of

COMMAND = re.compile(r"<code>(curl .*?)</code>", re.DOTALL)


def test_every_command_is_one_that_the_api_understands(client: httpx.Client) -> None:
    page = client.get("/docs").raise_for_status().text
    commands = [shlex.split(unescape(each)) for each in COMMAND.findall(page)]
    assert len(commands) == page.count('class="address"')
    for _, address, *rest in commands:
        # What has no example is to be filled in: a run, a position of a tile.
        if not re.search(r"/[A-Z]+\b", address):
            body = {"content": rest[-1], "headers": {"Content-Type": "application/json"}} if rest else {}
            status = client.request("POST" if rest else "GET", address, **body).status_code  # type: ignore[arg-type]
            assert (address, status not in {400, 405, 415, 422}) == (address, True)


def test_it_is_in_both_languages_and_says_which_is_which(client: httpx.Client) -> None:
    page = client.get("/docs?lang=zh").text
    assert "<h4>参数</h4>" in page
    assert '<h3 id="list_facilities-title" lang="en">List facilities</h3>' in page
    assert "<h4>Parameters</h4>" in client.get("/docs?lang=en").text


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"$ref": "#/components/schemas/A<b"}, '<a href="#schema-A&lt;b">A&lt;b</a>'),
        (
            {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 9000}, {"type": "null"}]},
            "integer ≥ 1 ≤ 9,000 | null",
        ),
        ({"type": "string", "format": "date"}, "date"),
        ({"type": "string", "maxLength": 12}, "string ≤ 12 characters"),
        ({"type": "array", "items": {"enum": ["a", "<"]}}, "[a | &lt;]"),
        ({"type": "array", "prefixItems": [{"type": "number"}, {"type": "string"}]}, "[number, string]"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "{name: number}"),
        ({"const": "<"}, "&#34;&lt;&#34;"),
        ({}, ""),
    ],
)
def test_a_type_is_said_in_words(schema: dict[str, object], words: str) -> None:
    assert str(type_of(schema)) == words


def test_a_description_has_paragraphs_lists_and_code() -> None:
    text = "One <b>\nline.\n\n- `a`: first\n- second\n  goes on"
    assert str(told(text)) == (
        "<p>One &lt;b&gt; line.</p><ul><li><code>a</code>: first</li><li>second\ngoes on</li></ul>"
    )
