"""Files of a history's folder: a bad one is passed over, and one that cannot be added leaves nothing behind."""

import json
import sqlite3
from contextlib import closing

import pytest
from lab4_examples import RUN
from lab4_strategies import document_of

from lab4.domain.errors import HistoryError, RecordError
from lab4.reading import store as reading
from lab4.reading.store import add_document, opened

GOOD = json.dumps(document_of(RUN)).encode()
#: Read, and not to be written into any database.
BAD = json.dumps(
    {
        "machine_info": {"cpu": {"count": 2}},
        "datetime": "2026-01-01T00:00:00",
        "benchmarks": [{"fullname": "it", "stats": {"min": 1e-3, "median": 1e-3}}],
    }
).encode()


@pytest.fixture
def history(tmp_path):
    return tmp_path / "history"


@pytest.fixture
def unkept(monkeypatch):
    """Make every file of plain pytest-benchmark one that no history can keep."""
    whole = reading.figures_in

    def figures_in(data, source):
        run = whole(data, source)
        if data == BAD:
            run.cells["\ud800"] = run.cells["it"]
        return run

    monkeypatch.setattr(reading, "figures_in", figures_in)


def files(history):
    return [path for path in history.rglob("*") if path.suffix in {".json", ".tmp"}]


@pytest.mark.usefixtures("unkept")
def test_a_run_that_no_history_can_keep_is_not_saved(history):
    store = opened(str(history), print)
    with pytest.raises(RecordError, match=r"bad\.json cannot be kept in a history"):
        add_document(store, BAD, "bad.json")
    assert files(history) == []
    store.close()


def test_where_the_index_fails_the_file_stays_and_is_added_by_the_next_command(history, monkeypatch):
    store = opened(str(history), print)

    def full(*_):
        raise HistoryError("no space left")

    monkeypatch.setattr(store, "add", full)
    with pytest.raises(HistoryError, match="no space"):
        add_document(store, GOOD, "run.json")
    store.close()
    (saved,) = files(history)
    assert saved.read_bytes() == GOOD
    store = opened(str(history), print)
    assert [each.source for each in store.entries()] == [saved.relative_to(history).as_posix()]
    store.close()


@pytest.mark.parametrize("error", [RecordError("cannot read bad.json"), OverflowError("too large"), KeyError("x")])
def test_a_bad_file_in_the_folder_is_passed_over_whatever_is_wrong_with_it(history, monkeypatch, error):
    history.mkdir()
    (history / "bad.json").write_bytes(BAD)
    (history / "good.json").write_bytes(GOOD)
    whole = reading.figures_in

    def figures_in(data, source):
        if data == BAD:
            raise error
        return whole(data, source)

    monkeypatch.setattr(reading, "figures_in", figures_in)
    told = []
    store = opened(str(history), told.append)
    assert len(store.entries()) == 1
    assert len(told) == 1
    assert "bad.json" in told[0]
    store.close()


@pytest.mark.usefixtures("unkept")
def test_a_run_that_no_history_can_keep_does_not_stop_the_others(history):
    history.mkdir()
    (history / "bad.json").write_bytes(BAD)
    (history / "good.json").write_bytes(GOOD)
    told = []
    store = opened(str(history), told.append)
    assert len(store.entries()) == 1
    assert "cannot be kept in a history" in told[0]
    store.close()


@pytest.mark.parametrize("version", [None, "ae1027a6acf"], ids=["tables", "migrations of another program"])
def test_a_database_of_another_program_is_refused_and_left_as_it_is(tmp_path, version):
    path = tmp_path / "theirs.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE users (name TEXT)")
        if version:
            connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
            connection.execute("INSERT INTO alembic_version VALUES (?)", (version,))
    before = path.read_bytes()
    with pytest.raises(HistoryError, match=r"theirs\.sqlite is not a history of lab4"):
        opened(f"sqlite:///{path}", print, read_only=True)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_history_that_cannot_be_read_at_all_is_one_sentence(tmp_path):
    (tmp_path / "text.sqlite").write_text("no database")
    with pytest.raises(HistoryError, match=r"text\.sqlite is not a history of lab4"):
        opened(f"sqlite:///{tmp_path / 'text.sqlite'}", print, read_only=True)
