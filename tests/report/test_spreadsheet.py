"""CSV that a spreadsheet computes nothing of."""

import csv
from io import StringIO

from hypothesis import given
from hypothesis import strategies as st

from lab4.report.spreadsheet import csv_text, guarded, unguarded

formulas = st.builds(
    "{}{}".format, st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", " =", "'=", "\uff1d"]), st.text()
)
texts = st.text(st.characters(exclude_categories=["Cs"])) | formulas
numbers = st.floats(allow_nan=False, allow_infinity=False)


@given(texts)
def test_a_guarded_text_starts_no_formula_and_comes_back(text):
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in {*"=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"} - {""}


@given(st.lists(st.tuples(texts, numbers, st.none() | numbers), max_size=5))
def test_texts_and_numbers_come_back_from_csv(rows):
    read = list(csv.reader(StringIO(csv_text(rows), newline="")))
    found = [(unguarded(text), float(one), float(other) if other else None) for text, one, other in read]
    assert found == rows


def test_a_negative_number_stays_a_number():
    assert csv_text([(-1.5, "-1.5")]) == "-1.5,'-1.5\r\n"
