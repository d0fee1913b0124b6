"""Charts over time."""

from vl_convert import vegalite_to_svg

from lab4.report.site.charts import over_time


def test_hours_are_those_of_the_day():
    rows = [{"when": f"2026-11-29 15:{minute:02d}", "y": minute, "machine": "vm"} for minute in (6, 20, 31)]
    chart = over_time("Latency", ("latency", "milliseconds"), [6.0, 31.0], [], [])
    svg = vegalite_to_svg({**chart, "datasets": {"rows": rows, "steps": []}})
    assert ">15:10<" in svg
    assert ">03:10<" not in svg
