"""A report as one HTML file: no foreign host, no script, readable in print and by ear.

Every foreign text goes through `html.escape`, and the file forbids itself to load or run anything.
"""

from collections.abc import Iterable, Sequence
from html import escape
from string import Template
from typing import Final

from lib.activity.model.source import source_label
from lib.core import palette
from lib.report import figures
from lib.report.figures import Box, Drawing, clean
from lib.report.report import WEEKDAYS, Report, ReportRanking, shown_series

_STYLE: Final = Template("""
:root{color-scheme:light}
body{font:14px/1.45 Inter,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif;color:#1b232c;
margin:0 auto;max-width:60rem;padding:2rem 1rem;background:#fff}
h1{font-size:1.7rem;margin:0 0 .2rem}h2{font-size:1.15rem;margin:2.2rem 0 .5rem}
p.facts{color:#4d5865;margin:.1rem 0}
.figures{display:flex;flex-wrap:wrap;gap:.8rem;margin:1.2rem 0}
.figures div{border:1px solid #d5dbe2;border-radius:.4rem;padding:.5rem 1rem;min-width:8rem}
.figures b{display:block;font-size:1.5rem;font-variant-numeric:tabular-nums}
.known{border-left:3px solid $accent;background:$pale;padding:.5rem .8rem}
svg{width:100%;height:auto;display:block}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;margin:.4rem 0}
th,td{text-align:left;padding:.22rem .5rem;border-bottom:1px solid $line;
overflow-wrap:anywhere;vertical-align:top}
td.n,th.n{text-align:right;white-space:nowrap}
summary{cursor:pointer;color:#2456a6}
section{break-inside:avoid-page}
""").substitute(accent=figures.COLOURS[0], pale=palette.SHADES[0].light, line=figures.UNREAD)
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)


def render(report: Report) -> bytes:
    """The file, UTF-8."""
    scope = report.scope
    title = f"Activity of {clean(scope.label)}"
    period = f"{report.when(scope.filters.since)} to {report.when(scope.filters.until)}"
    body = [
        f"<h1>{escape(title)}</h1>",
        _facts(f"{period}, times in {scope.timezone}"),
        _facts(f"Source: {source_label(report.source)} ({report.source})"),
        _facts(f"Created by Box Runbook: {report.when(report.made_at)}"),
        f'<p class="known">{escape(report.known)}</p>',
        _figures(report),
        _section("What stands out", _list(report.remarks)),
        _section(
            f"Events per {report.size} by category",
            _svg(figures.over_time(report)) + _details(_series_table(report)),
        ),
        _section(
            "Events by weekday and hour",
            _svg(figures.week(report)) + _details(_heat_table(report)),
        ),
        *(_ranking(found) for found in report.rankings),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        f"{''.join(body)}</main></body></html>\n"
    ).encode("utf-8", "replace")


def _facts(text: str) -> str:
    return f'<p class="facts">{escape(text)}</p>'


def _figures(report: Report) -> str:
    current = report.totals.current
    pairs = (("Events", current.events), ("People", current.actors), ("Items", current.items))
    cells = "".join(f"<div>{name}<b>{count:,}</b></div>" for name, count in pairs)
    return f'<div class="figures">{cells}</div>'


def _section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>"


def _list(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(clean(line))}</li>" for line in lines) + "</ul>"


def _details(table: str) -> str:
    return f"<details><summary>Data</summary>{table}</details>"


def _ranking(found: ReportRanking) -> str:
    rows = [
        (clean(row.label), clean(row.detail), f"{row.events:,}", f"{row.share:.1%}")
        for row in found.rows
    ]
    table = _table(("Name", "Detail", "Events", "Share"), rows, numbers=2)
    return _section(found.title, _svg(figures.ranking(found)) + _details(table))


def _series_table(report: Report) -> str:
    names = [shown_series(name) for name in report.series]
    rows = [
        (report.when(bar.start), bar.extent, *(f"{n:,}" for n in bar.events), f"{bar.total:,}")
        for bar in report.bars
    ]
    return _table(("From", "Coverage", *names, "Total"), rows, numbers=len(names) + 1)


def _heat_table(report: Report) -> str:
    rows = [
        (WEEKDAYS[day], *(f"{count:,}" for count in hours)) for day, hours in enumerate(report.heat)
    ]
    return _table(("", *(f"{hour:02}" for hour in range(24))), rows, numbers=24)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int) -> str:
    texts = len(head) - numbers

    def line(tag: str, cells: Sequence[str]) -> str:
        parts = (
            f"<{tag}{'' if n < texts else ' class=n'}>{escape(cell)}</{tag}>"
            for n, cell in enumerate(cells)
        )
        return f"<tr>{''.join(parts)}</tr>"

    body = "".join(line("td", row) for row in rows)
    return f"<table><thead>{line('th', head)}</thead><tbody>{body}</tbody></table>"


def _svg(drawing: Drawing) -> str:
    parts = []
    for part in drawing.parts:
        if isinstance(part, Box):
            parts.append(
                f'<rect x="{part.x:.1f}" y="{part.y:.1f}" width="{part.width:.1f}"'
                f' height="{part.height:.1f}" fill="{part.colour}"/>'
            )
        else:
            parts.append(
                f'<text x="{part.x:.1f}" y="{part.y:.1f}" font-size="{part.size:g}"'
                f' text-anchor="{part.anchor}" fill="{figures.INK}">{escape(part.text)}</text>'
            )
    alt = escape(drawing.alt)
    return (
        f'<svg role="img" aria-label="{alt}" viewBox="0 0 {drawing.width:g} {drawing.height:g}"'
        f' xmlns="http://www.w3.org/2000/svg"><title>{alt}</title>{"".join(parts)}</svg>'
    )
