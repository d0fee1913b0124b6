"""Charts as pictures, from the specifications by which pages draw them. Needs the extra ``report``."""

from lab4.analysis.document import Chart
from lab4.report.vega_lite import SCHEMA, specification


def start() -> None:
    """Start what draws charts, which takes half a second: otherwise the first chart does."""
    import vl_convert

    vl_convert.vegalite_to_svg({"$schema": SCHEMA, "data": {"values": [{}]}, "mark": "point"}, allowed_base_urls=[])


def svg(chart: Chart, width: int) -> str:
    """The chart so many pixels wide, as SVG."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(specification(chart, "paper", width), allowed_base_urls=[]))


def png(chart: Chart, width: int, scale: float = 2.0) -> bytes:
    """The chart so many pixels wide, as PNG of ``scale`` dots a pixel."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(specification(chart, "paper", width), scale=scale, allowed_base_urls=[]))
