"""The few forms that the texts of steps are written in, and how they become HTML.

Paragraphs, `-` and `1.` lists of one level, `|` tables, fenced code, inline code and `**strong**`:
a strict part of Markdown, so that a page can show a text as it is and a hand-off card needs no
renderer from elsewhere. There are no links, images, headings or HTML in it; `problem` refuses them.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

FENCE: Final = "```"
_INLINE: Final = re.compile(
    r"(?P<ticks>`+)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)|\*\*(?P<strong>[^*]+)\*\*", re.DOTALL
)
_ITEM: Final = re.compile(r"(?:- |(?P<number>\d{1,2})\. )(?P<text>.*)")
_DASHES: Final = re.compile(r"\|[ :|-]+\|")
_REFUSED: Final = re.compile(r"[<>\[\]$~\\]|!\[|(?<![\w`])_|^ *#|^ *>|://", re.MULTILINE)
_CODE: Final = re.compile(r"`[^`\n]+`")


def code_span(text: str) -> str:
    """Any text as inline code: on one line, with nothing in it that Markdown would read."""
    plain = one_line(text) or " "
    longest = max((len(run) for run in re.findall(r"`+", plain)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{ticks}{pad}{plain}{pad}{ticks}"


def one_line(text: str, longest: int = 200) -> str:
    """A text from outside on one line, without invisible characters."""
    seen = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(seen.split())[:longest].strip()


def problem(text: str) -> str | None:
    """What in a text of ours is outside the few forms; None if nothing is."""
    if text.count(FENCE) % 2:
        return "a fence of code is open"
    for kind, lines in blocks(text):
        if kind == "code":
            continue
        plain = _CODE.sub("", "\n".join(lines))
        found = _REFUSED.search(plain)
        if found:
            return f"{found[0].strip()!r} isn't one of the few forms"
        if "`" in plain:
            return "inline code is open"
        if kind == "table" and len({len(_cells(line)) for line in lines}) != 1:
            return "a table's rows have different lengths"
    return None


def blocks(text: str) -> Iterator[tuple[str, Sequence[str]]]:
    """The blocks of a text: (`code`, `table`, `bullets`, `numbers` or `paragraph`, its lines)."""
    kept: list[str] = []
    kind = ""
    for line in text.strip("\n").split("\n"):
        if kind == "code":
            if line.startswith(FENCE):
                yield kind, tuple(kept)
                kept, kind = [], ""
            else:
                kept.append(line)
            continue
        now = _kind(line, kind)
        if now != kind and kept:
            yield kind, tuple(kept)
            kept = []
        kind = now
        if kind and kind != "code":
            kept = _with(kept, line, kind)
    if kept:
        yield kind, tuple(kept)


def html(text: str) -> str:
    """The text as HTML; everything in it is escaped."""
    return "\n".join(_block(kind, lines) for kind, lines in blocks(text))


def _kind(line: str, before: str) -> str:
    if line.startswith(FENCE):
        return "code"
    if not line.strip():
        return ""
    if line.startswith("|"):
        return "table"
    item = _ITEM.match(line)
    if item:
        return "numbers" if item["number"] else "bullets"
    if line.startswith("  ") and before in ("numbers", "bullets"):
        return before
    return "paragraph"


def _with(kept: list[str], line: str, kind: str) -> list[str]:
    """The lines of a block; what goes on with an item is put behind it."""
    if kind in ("numbers", "bullets") and not _ITEM.match(line):
        return [*kept[:-1], f"{kept[-1]} {line.strip()}"]
    return [*kept, line]


def _block(kind: str, lines: Sequence[str]) -> str:
    if kind == "code":
        return f"<pre><code>{escape(chr(10).join(lines))}</code></pre>"
    if kind == "table":
        rows = [line for line in lines[1:] if not _DASHES.fullmatch(line.strip())]
        body = "".join(_row(row, "td") for row in rows)
        return f"<table><thead>{_row(lines[0], 'th')}</thead><tbody>{body}</tbody></table>"
    if kind in ("numbers", "bullets"):
        tag = "ol" if kind == "numbers" else "ul"
        found = (_ITEM.match(line) for line in lines)
        items = "".join(f"<li>{_inline(item['text'])}</li>" for item in found if item)
        first = _ITEM.match(lines[0])
        start = int(first["number"] or 1) if first else 1
        # A list goes on behind a block of code.
        return f"<{tag}{f' start={chr(34)}{start}{chr(34)}' if start > 1 else ''}>{items}</{tag}>"
    return f"<p>{_inline(' '.join(lines))}</p>"


def _row(line: str, tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{_inline(cell)}</{tag}>" for cell in _cells(line)) + "</tr>"


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _inline(text: str) -> str:
    pieces: list[str] = []
    done = 0
    for found in _INLINE.finditer(text):
        pieces.append(escape(text[done : found.start()]))
        done = found.end()
        if found["strong"] is not None:
            pieces.append(f"<strong>{escape(found['strong'])}</strong>")
            continue
        code = found["code"]
        if code.startswith(" ") and code.endswith(" ") and code.strip():
            code = code[1:-1]
        pieces.append(f"<code>{escape(code)}</code>")
    return "".join([*pieces, escape(text[done:])])
