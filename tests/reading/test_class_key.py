"""Ids of students: the same at every import, and nothing of the name in them."""

import json
import re
import stat
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab4.domain.errors import RecordError
from lab4.reading.class_key import ids_of

NAMES = ["Ada", "Grace", "Alan"]


def ids(path, names=NAMES):
    return ids_of(path, names, lambda _: None)


@pytest.fixture
def key(tmp_path):
    return tmp_path / "private" / "key.json"


def test_ids_are_kept_and_new_students_get_new_ones(key):
    first = ids(key)
    again = ids(key, [*reversed(NAMES), "Hedy"])
    assert first.items() <= again.items()
    assert len(set(again.values())) == 4
    assert all(re.fullmatch("[0-9a-f]{8}", each) for each in again.values())


def test_ids_of_another_class_are_others(key, tmp_path):
    assert not set(ids(key).values()) & set(ids(tmp_path / "other" / "key.json").values())


def test_the_key_says_that_it_is_private_and_only_its_owner_may_enter_its_folder(key):
    ids(key)
    assert "Keep it to yourself" in json.loads(key.read_bytes())["private"]
    if sys.platform != "win32":
        assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", ['{"students": {"x": "Ada"}}', '{"students": {"0123abcd": 3}}', "[]", "{", ""])
def test_a_damaged_key_is_refused_and_stays_as_it_is(key, content):
    key.parent.mkdir()
    key.write_text(content, encoding="utf-8")
    with pytest.raises(RecordError):
        ids(key)
    assert key.read_text(encoding="utf-8") == content


def test_imports_at_the_same_time_agree(key):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: ids(key), range(8)))
    assert all(each == found[0] for each in found)
    assert [path.name for path in key.parent.iterdir()] == ["key.json"]
