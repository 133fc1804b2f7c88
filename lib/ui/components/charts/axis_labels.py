"""Labels for an axis: short, safe, and distinct."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

_END: Final = 5  # characters of an id that tell two of one name apart


def shorten(label: str, length: int = 26) -> str:
    """A label for an axis; hover shows the whole. Plotly reads HTML in labels: none is let in."""
    text = " ".join(label.split())
    text = text if len(text) <= length else text[: length - 1] + "…"
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def distinct_labels(labels: Sequence[str], ids: Sequence[str], length: int = 26) -> list[str]:
    """Labels for an axis; those that would look the same end with the end of their id."""
    plain = [shorten(label, length) for label in labels]
    often = Counter(plain)
    return [
        text
        if often[text] == 1
        else f"{shorten(label, length - _END - 2)} …{shorten(name[-_END:])}"
        for text, label, name in zip(plain, labels, ids, strict=True)
    ]
