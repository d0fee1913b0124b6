from dataclasses import replace

from worksheet_factory import NO_GPU, realistic, run

from lab4.analysis.document import missing_values
from lab4.analysis.overview import report
from lab4.domain.outcome import Failed


def test_every_reason_is_listed_once_with_the_rows_it_concerns():
    found = {each.reason: dict(each.places) for each in missing_values(report([realistic(70)]))}
    assert found[NO_GPU.reason]["Training on each device"] == ("all cells on the GPU",)


def test_failures_are_told_apart_in_the_list_of_reasons():
    broken = run(*(replace(each, outcome=Failed("it broke")) for each in realistic(70).measurements))
    assert {each.reason: each.failed for each in missing_values(report([broken]))}["it broke"]
