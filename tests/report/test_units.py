import re
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.analysis.document import Sentence
from lab4.analysis.tables import Column, NotApplicable, NotMeasured, Quantity, Text
from lab4.domain.outcome import Failed
from lab4.report.units import figure, heading, number, sentence, spread, unit, words

FACTORS = {"seconds": 1, "milliseconds": 1e3, "rate": 1, "bytes": 1e-6, "efficiency": 1e8, "ratio": 1}
times = st.floats(1e-9, 1e6)


def _read(text):
    return float(text.replace(",", ""))


@given(times, st.sampled_from(sorted(FACTORS)))
def test_rounding_changes_less_than_half_of_the_third_digit(value, kind):
    scaled = value * FACTORS[kind]
    assert abs(_read(number(value, kind)) - scaled) <= 0.005001 * scaled


@given(times, times, st.sampled_from(sorted(FACTORS)))
def test_a_greater_figure_never_reads_as_a_smaller_one(one, other, kind):
    low, high = sorted((one, other))
    assert _read(number(low, kind)) <= _read(number(high, kind))


@given(st.floats(min_value=0, allow_infinity=False), st.sampled_from(sorted(FACTORS)))
def test_any_number_is_shown_in_a_readable_length(value, kind):
    assert len(number(value, kind)) <= 20


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([*FACTORS, "points", "share", "count"]))
def test_no_number_is_too_great_to_be_shown(value, kind):
    assert figure(Quantity(value, value, value), kind)
    assert figure(Quantity(value, value / 2, value), kind)


@given(st.floats(-1, 1), st.sampled_from([("share", 2), ("fraction", 1), ("points", 2)]))
def test_percentages_have_their_fixed_decimals(value, kind_decimals):
    kind, decimals = kind_decimals
    text = number(value, kind)
    assert len(text.partition(".")[2]) == decimals
    assert abs(_read(text) - 100 * value) <= 0.51 * 10**-decimals


@given(st.lists(times, min_size=3, max_size=3), st.sampled_from(["seconds", "milliseconds", "rate"]))
def test_a_spread_reads_as_holding_its_figure(values, kind):
    low, value, high = sorted(values)
    found = Quantity(value, low, high)
    ends = [_read(end) for end in spread(found, kind).split("\u2013")]
    assert ends[0] <= _read(number(value, kind)) <= ends[1]


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (83.2e-6, "milliseconds", "0.0832"),
        (0.000999996, "milliseconds", "1.00"),
        (0.99996, "milliseconds", "1,000"),
        (0, "milliseconds", "0"),
        (12_047.3, "rate", "12,000"),
        (1_703_000, "bytes", "1.70"),
        (0.9745, "share", "97.45"),
        (-0.00001, "points", "0.00"),
        (0.0015, "points", "+0.15"),
        (-0.002, "points", "-0.20"),
        (700, "count", "700"),
        (1.7976931348623157e308, "milliseconds", "1.80e+311"),
        (2.5e15, "seconds", "2.50e+15"),
        (5e-324, "seconds", "4.94e-324"),
        (1e20, "points", "+1.00e+22"),
        (0.9545 / 218_000, "efficiency", "438"),
    ],
)
def test_figures_read_as_people_write_them(value, kind, text):
    assert number(value, kind) == text


def test_a_figure_has_its_unit_before_its_spread():
    assert figure(Quantity(83e-6, 81e-6, 90e-6), "milliseconds") == "0.083 ms (0.081\u20130.090)"
    assert figure(Quantity(0.0015, -0.0007, 0.0037), "points") == "+0.15 points (-0.07 to +0.37)"
    assert figure(Quantity(0.8), "fraction") == "80.0%"
    assert unit("milliseconds") == "ms"


def test_headings_carry_the_unit_of_their_figures():
    assert heading(Column("size", "Model Size", "bytes")) == "Model Size (MB)"
    assert heading(Column("rate", "Samples/Second", "rate")) == "Samples/Second"


def test_what_is_not_a_figure_is_said_in_words():
    found = [words(value, "seconds") for value in (Text("CNN"), NotMeasured("no GPU"), Failed("it broke"))]
    assert found == ["CNN", "not measured: no GPU", "failed: it broke"]
    assert words(NotApplicable(), "seconds") == "N/A"
    assert words(Quantity(2.0, 1.0, 3.0), "seconds") == "2.00 (1.00\u20133.00)"
    assert words(Quantity(2.0), "seconds") == "2.00"


def test_braces_in_a_name_do_not_break_a_sentence():
    assert sentence(Sentence("For {} it is {}.", ((Text("{0}"), "text"), (Quantity(2.0), "ratio")))) == (
        "For {0} it is 2.00."
    )


@given(st.integers(-99_999, 99_999), st.sampled_from(["points", "share", "fraction"]))
def test_halves_are_rounded_away_from_zero_as_people_do(thousandths, kind):
    decimals = 1 if kind == "fraction" else 2
    exact = Decimal(thousandths).scaleb(-3).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assert _read(number(thousandths / 1e5, kind)) == float(exact)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (0.0115, "fraction", "1.2"),
        (0.9525, "fraction", "95.3"),
        (-0.00125, "points", "-0.13"),
        (1.005e-3, "milliseconds", "1.01"),
        (9.995e-3, "milliseconds", "10.0"),
        (2.5e-9, "seconds", "0.00000000250"),
    ],
)
def test_a_half_is_one_although_floats_do_not_hold_it(value, kind, text):
    assert number(value, kind) == text


def test_an_end_of_a_spread_that_is_not_zero_does_not_read_as_zero():
    assert figure(Quantity(0.006, 0.0004, 0.0116), "unsigned_points") == "0.60 points (0.04\u20131.16)"
    assert figure(Quantity(-0.005, -0.011, 0.0001), "points") == "-0.50 points (-1.10 to +0.01)"
    assert figure(Quantity(0.006, 0.0, 0.012), "unsigned_points") == "0.6 points (0.0\u20131.2)"
    assert figure(Quantity(0.006, 1e-9, 0.012), "unsigned_points") == "0.6 points (0.0\u20131.2)"


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1))
def test_an_end_reads_as_zero_only_where_all_decimals_would(value, below, above):
    found = Quantity(value, value - below, value + above)
    shown = re.findall(r"[-+]?[\d.,]*\d", figure(found, "points"))
    for end, text in zip((found.low, found.high), shown[1:], strict=True):
        assert _read(text) != 0 or _read(number(end, "points")) == 0


def test_a_spread_to_one_side_leaves_the_figure_its_digits():
    assert figure(Quantity(4e-3, 4e-3, 80e-3), "milliseconds") == "4.0 ms (4.0\u201380.0)"
    assert figure(Quantity(12e-3, 11e-3, 400e-3), "milliseconds") == "12 ms (11\u2013400)"
