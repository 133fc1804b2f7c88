"""A report as PDF, with the figures and tables of the HTML form.

Drawn with fpdf2; the letters come from DejaVu Sans beside this module, because a PDF's own fonts
know no more than Western European ones. What the font hasn't is drawn as its empty box.
"""

import logging
from collections.abc import Sequence
from importlib.resources import as_file, files
from typing import Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from lib.activity.model.source import source_label
from lib.report import figures
from lib.report.figures import Box, Drawing, clean
from lib.report.report import Report, shown_series

FONT: Final = "DejaVu"
_MARGIN: Final = 15.0
_WIDE: Final = 180.0
_BOTTOM: Final = 280.0
_LINE: Final = 5.2
_LONGEST: Final = 60
_ANCHORS: Final = {"start": 0.0, "middle": 0.5, "end": 1.0}

logging.getLogger("fontTools").setLevel(logging.ERROR)
logging.getLogger("fpdf").setLevel(logging.ERROR)  # it warns of each letter that the font hasn't


def render(report: Report, pdf: FPDF | None = None) -> bytes:
    """The file; `pdf` is the empty document to draw into, if it isn't a new one."""
    pdf = pdf or FPDF(format="A4")
    pdf.set_margins(_MARGIN, _MARGIN)
    pdf.set_auto_page_break(auto=True, margin=_MARGIN)
    pdf.set_title(f"Activity of {clean(report.scope.label)}")
    pdf.set_creator("Box Runbook")
    pdf.set_creation_date(report.made_at)
    pdf.set_lang("en")
    folder = files(__package__).joinpath("data/fonts")
    with (
        as_file(folder.joinpath("DejaVuSans.ttf")) as plain,
        as_file(folder.joinpath("DejaVuSans-Bold.ttf")) as bold,
    ):
        pdf.add_font(FONT, "", plain)
        pdf.add_font(FONT, "B", bold)
        pdf.add_page()
        _draw(pdf, report)
        return bytes(pdf.output())


def _draw(pdf: FPDF, report: Report) -> None:
    scope = report.scope
    _text(pdf, f"Activity of {clean(scope.label)}", size=18, bold=True)
    period = f"{report.when(scope.filters.since)} to {report.when(scope.filters.until)}"
    _text(pdf, f"{period}, times in {scope.timezone}")
    _text(pdf, f"Source: {source_label(report.source)} ({report.source})")
    _text(pdf, f"Created by Box Runbook: {report.when(report.made_at)}")
    _text(pdf, report.known, bold=True)
    current = report.totals.current
    figures_line = (
        f"{current.events:,} events · {current.actors:,} people · {current.items:,} items"
    )
    _text(pdf, figures_line, size=13, bold=True)
    _head(pdf, "What stands out")
    for remark in report.remarks:
        _text(pdf, f"• {clean(remark)}")
    _head(pdf, f"Events per {report.size} by category")
    _picture(pdf, figures.over_time(report))
    _head(pdf, "Events by weekday and hour")
    _picture(pdf, figures.week(report))
    for found in report.rankings:
        drawing = figures.ranking(found)
        _head(pdf, found.title, space=drawing.height * _WIDE / drawing.width)
        _picture(pdf, drawing)
        rows = [
            (clean(r.label, _LONGEST), clean(r.detail, 40), f"{r.events:,}", f"{r.share:.1%}")
            for r in found.rows
        ]
        _table(pdf, ("Name", "Detail", "Events", "Share"), rows, (85, 55, 22, 18))
    _head(pdf, "Data over time")
    names = [clean(shown_series(name), 12) for name in report.series]
    widths = (30.0, 16.0, *([(_WIDE - 46) / (len(names) + 1)] * (len(names) + 1)))
    bars = [
        (report.when(bar.start), bar.extent, *(f"{n:,}" for n in bar.events), f"{bar.total:,}")
        for bar in report.bars
    ]
    _table(pdf, ("From", "Coverage", *names, "Total"), bars, widths)


def _text(pdf: FPDF, text: str, *, size: float = 9.5, bold: bool = False) -> None:
    pdf.set_font(FONT, "B" if bold else "", size)
    pdf.set_text_color(27, 35, 44)
    pdf.multi_cell(
        0, size * 0.52, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT, markdown=False
    )
    pdf.ln(1)


def _head(pdf: FPDF, text: str, space: float = 40) -> None:
    if pdf.get_y() + space + 12 > _BOTTOM:
        pdf.add_page()
    pdf.ln(4)
    _text(pdf, text, size=12, bold=True)


def _picture(pdf: FPDF, drawing: Drawing) -> None:
    scale = _WIDE / drawing.width
    if pdf.get_y() + drawing.height * scale > _BOTTOM:
        pdf.add_page()
    left, top = _MARGIN, pdf.get_y()
    for part in drawing.parts:
        if isinstance(part, Box):
            pdf.set_fill_color(part.colour)
            pdf.rect(
                left + part.x * scale,
                top + part.y * scale,
                part.width * scale,
                part.height * scale,
                style="F",
            )
        else:
            pdf.set_font(FONT, "", part.size * scale * 2.7)
            pdf.set_text_color(figures.INK)
            shift = pdf.get_string_width(part.text) * _ANCHORS[part.anchor]
            pdf.text(left + part.x * scale - shift, top + part.y * scale, part.text)
    pdf.set_y(top + drawing.height * scale + 2)


def _table(
    pdf: FPDF, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]
) -> None:
    _row(pdf, head, widths, bold=True)
    for row in rows:
        if pdf.get_y() + _LINE > _BOTTOM:
            pdf.add_page()
            _row(pdf, head, widths, bold=True)
        _row(pdf, row, widths)


def _row(pdf: FPDF, cells: Sequence[str], widths: Sequence[float], *, bold: bool = False) -> None:
    pdf.set_font(FONT, "B" if bold else "", 7.5)
    pdf.set_text_color(27, 35, 44)
    for place, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        text = cell
        while text and pdf.get_string_width(text) > width - 1.5:
            text = text[:-2] + "…" if len(text) > 2 else ""  # noqa: PLR2004  # a letter and the mark
        pdf.cell(width, _LINE, text, border="B", align="L" if place < 2 else "R")  # noqa: PLR2004
    pdf.ln(_LINE)
