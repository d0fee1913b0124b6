"""What is written is JSON, whatever a user's own facts are made of."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.history.json_text import written

KEYS = st.one_of(st.text(), st.integers(), st.booleans(), st.none(), st.tuples(st.integers()), st.binary())


@given(st.recursive(st.floats() | st.text(), lambda inner: st.dictionaries(KEYS, inner) | st.lists(inner)))
def test_any_facts_are_written(value):
    json.loads(written(value), parse_constant=pytest.fail)


def test_a_key_that_json_cannot_have_becomes_the_text_of_what_it_is():
    assert json.loads(written({np.int64(3): 1, (1, 2): 2, 4: 3})) == {
        f"UNSERIALIZABLE[{np.int64(3)!r}]": 1,
        "UNSERIALIZABLE[(1, 2)]": 2,
        "4": 3,
    }
