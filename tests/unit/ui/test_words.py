"""Sentences that people read stand in the words modules of their page, nowhere else in `lib.ui`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.sandbox_server import ROOT

#: At least four words in a row: a sentence, and no key, label or format.
SENTENCE = re.compile(r"(?:[A-Za-z'-]+[,.:;]? ){3,}[A-Za-z'-]+")
#: Styles, scripts and the document of the page, which nobody reads.
CODE = ("shell/theme.py", "shell/page_html.py")
#: What no page shows: details of the audit record and of the log, and what is only looked for.
NOT_SHOWN = {
    "the shared link's address",
    "webhooks, acting for it",
    " actions, webhooks against the stream",
    "Fault %s on a page: %s",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----",
    "The token endpoint answers ",
}


def test_no_sentence_stands_outside_of_the_words_modules() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in sorted((ROOT / "lib" / "ui").rglob("*.py"))
        if not path.name.startswith("words") and not path.as_posix().endswith(CODE)
        for line, text in _texts(path)
        if SENTENCE.search(text) and text not in NOT_SHOWN
    ]
    assert found == []


def test_a_page_that_says_something_has_its_words_in_one_place() -> None:
    pages = [folder for folder in (ROOT / "lib" / "ui").iterdir() if (folder / "page.py").exists()]
    assert pages
    assert [folder.name for folder in pages if not (folder / "words.py").exists()] == []


def _texts(path: Path) -> Iterator[tuple[int, str]]:
    """The strings of a module that aren't docstrings or annotations, and their lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unread = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in unread
        ):
            yield node.lineno, node.value
