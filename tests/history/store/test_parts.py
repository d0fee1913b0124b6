"""A run that is added cell by cell, as its cells end."""

from contextlib import closing
from dataclasses import replace

import pytest
from lab4_gate_runs import run_with
from sqlalchemy import create_engine, text

from lab4.domain.errors import HistoryError
from lab4.domain.figures import CellFigures
from lab4.history.store import open_store

CELLS_OF_RUN = {f"latency/cnn-cpu-b{size}-onnx": CellFigures("measured", {"latency": size / 1e3}) for size in (1, 2, 3)}
UNREACHED = CellFigures("interrupted")


def part(*names, complete=False):
    cells = {name: cell if name in names else UNREACHED for name, cell in CELLS_OF_RUN.items()}
    return replace(run_with(cells), complete=complete)


def test_each_cell_is_there_once_however_often_and_in_whatever_order_parts_come(store):
    names = list(CELLS_OF_RUN)
    numbers = [store.add_part(part(*some), "box") for some in (names[:1], names[1:], names[:2], names[:1])]
    assert len(set(numbers)) == 1
    found = store.run(numbers[0])
    assert dict(found.cells) == CELLS_OF_RUN
    assert not found.complete
    assert [each.cells for each in store.entries()] == [3]


def test_a_cell_that_has_not_ended_is_no_part(store):
    assert dict(store.run(store.add_part(part(), "box")).cells) == {}


@pytest.mark.parametrize("complete", [False, True])
def test_the_whole_run_takes_the_place_of_its_parts_and_brings_its_file(store, complete):
    names = list(CELLS_OF_RUN)
    number = store.add_part(part(*names), "box")
    whole = part(*names, complete=complete)
    assert not store.has_as_good(whole)
    assert store.add(whole, b"{}", "box") == number
    assert store.has_as_good(whole)
    assert store.add(whole, b"{ }", "box") is None
    assert store.add_part(part(*names[:1]), "box") == number  # a message that comes late changes nothing
    assert store.run(number).complete is complete
    assert dict(store.run(number).cells) == CELLS_OF_RUN


def test_one_process_at_a_time_adds_parts(store, address):
    other = open_store(address)
    try:
        refused = pytest.raises(HistoryError, match=r"measures a fleet into the history .*; wait for its end")
        with store.held(), refused, other.held():
            pass
        with other.held():
            pass
    finally:
        other.close()


def test_a_connection_that_is_cut_meanwhile_is_no_error_at_the_end(postgres_database):
    server = create_engine(postgres_database.replace("postgresql://", "postgresql+psycopg://"))
    mine = text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
    with closing(open_store(postgres_database)) as store:
        with store.held(), server.connect() as connection:
            assert connection.execute(mine).scalars().all() == [True]
        with store.held():  # it is free again
            pass
    server.dispose()
