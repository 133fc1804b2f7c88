"""The few forms of the steps' texts, with a real Markdown parser as the witness."""

from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lib.runbook.roads.markup import blocks, code_span, html, one_line, problem

MARKDOWN = MarkdownIt("commonmark").enable("table")
OURS = {"p", "ul", "ol", "li", "pre", "code", "strong", "table", "thead", "tbody", "tr", "th", "td"}
ANY = st.text(max_size=80)
HOSTILE = st.one_of(
    ANY,
    st.text(alphabet="`*_[]()!<>|\\#\n\r-1. ab\u202e\x00", max_size=40),
    st.sampled_from(["<script>alert(1)</script>", "``", "`a``b", "![x](http://y)", "\u2028"]),
)


class Seen(HTMLParser):
    """The tags, attributes and text of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(text: str) -> Seen:
    found = Seen()
    found.feed(text)
    found.close()
    return found


@given(HOSTILE)
def test_any_text_as_code_is_one_piece_of_code_and_nothing_else(text: str) -> None:
    tokens = MARKDOWN.parse(f"before {code_span(text)} after")
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children
    assert children is not None
    assert [child.type for child in children] == ["text", "code_inline", "text"]
    assert children[1].content.strip() == one_line(text)


@given(HOSTILE)
@example("|-|")  # a table without a row
def test_html_of_any_text_has_no_tag_but_ours_and_no_attribute_but_start(text: str) -> None:
    for made in (html(text), html(f"- {code_span(text)}"), html(f"```\n{text}\n```")):
        found = seen(made)
        assert found.tags <= OURS
        assert found.attributes <= {"start"}


@given(HOSTILE)
def test_code_comes_back_as_it_was_in_html(text: str) -> None:
    assert seen(html(f"x {code_span(text)}")).text.removeprefix("x ").strip() == one_line(text)


@given(ANY)
def test_one_line_has_no_character_that_cannot_be_seen(text: str) -> None:
    assert one_line(text).isprintable()
    assert len(one_line(text)) <= 200


def test_each_form_becomes_its_html() -> None:
    text = (
        "A **strong** word and `code`.\n\n1. One\n  goes on\n2. Two\n\n```\na < b\n```\n\n"
        "3. Three\n\n- x\n- y\n\n| A | B |\n|---|---|\n| 1 | `2` |"
    )
    assert html(text) == (
        "<p>A <strong>strong</strong> word and <code>code</code>.</p>\n"
        "<ol><li>One goes on</li><li>Two</li></ol>\n"
        "<pre><code>a &lt; b</code></pre>\n"
        '<ol start="3"><li>Three</li></ol>\n'
        "<ul><li>x</li><li>y</li></ul>\n"
        "<table><thead><tr><th>A</th><th>B</th></tr></thead>"
        "<tbody><tr><td>1</td><td><code>2</code></td></tr></tbody></table>"
    )
    assert problem(text) is None
    assert [kind for kind, _ in blocks(text)] == (
        ["paragraph", "numbers", "code", "numbers", "bullets", "table"]
    )


@pytest.mark.parametrize(
    "text",
    [
        "a <b>",
        "[a](b)",
        "# A heading",
        "> quoted",
        "an _emphasis_",
        "see https://box.com",
        "costs $5",
        "```\nopen",
        "open ` code",
        "| a | b |\n|---|\n| 1 | 2 |",
    ],
)
def test_what_is_outside_the_few_forms_is_refused(text: str) -> None:
    assert problem(text)
