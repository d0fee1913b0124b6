"""A document as PDF, by Typst: no browser, no system package. Needs the extra ``report``."""

import json
from dataclasses import asdict
from importlib.resources import files

from lab4.analysis.document import Chart, Document
from lab4.report import Renderer, Student
from lab4.report.pictures import start, svg
from lab4.report.printed import PrintedCharts, printed

#: How wide a chart is drawn, in pixels: half of a page's width at the size of its texts.
_CHART_WIDTH = 330


def render(document: Document, student: Student) -> bytes:
    """The whole document on A4 pages, tagged, in embedded fonts; the same document gives the same bytes."""
    import typst

    found = printed(document, student)
    plain = asdict(found)
    for section, plain_section in zip(found.sections, plain["sections"], strict=True):
        for block, plain_block in zip(section.blocks, plain_section["blocks"], strict=True):
            if isinstance(block, PrintedCharts):
                plain_block["charts"] = [_chart(chart) for chart in block.charts]
    template = files("lab4.report").joinpath("templates").joinpath("document.typ").read_bytes()
    made = typst.compile(template, format="pdf", sys_inputs={"document": json.dumps(plain)})
    if not isinstance(made, bytes):
        raise TypeError(f"typst made {type(made).__name__}, not one file")
    return made


def _chart(chart: Chart) -> dict[str, str]:
    return {"title": chart.title, "note": chart.note, "svg": svg(chart, _CHART_WIDTH)}


PDF = Renderer(
    "pdf",
    "pdf",
    render,
    lambda document: document.is_form,
    modules=("typst", "vl_convert"),
    extra="report",
    prepare=start,
)
