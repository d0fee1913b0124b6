"""Every history accepts and refuses the same, whatever database keeps it, and says so in words of its own."""

from dataclasses import replace

import pytest
from lab4_examples import RUN
from lab4_gate_runs import cell, run_with
from sqlalchemy import text

from lab4.domain.catalogue import Catalogue, ModelTraits
from lab4.domain.errors import HistoryError, RecordError
from lab4.domain.run import Commit
from lab4.history.store import open_store

NAME = "test_x.py::test_it"
#: More values than PostgreSQL takes in one statement.
MANY = 70_000


def named(name):
    return run_with({name: cell()})


@pytest.mark.parametrize(
    "run",
    [
        named("n" * 2_000),
        named("\N{SNOWMAN}" * 600),
        run_with({NAME: cell()}, settings=replace(RUN.settings, profile="p" * 500)),
        run_with({NAME: cell()}, commit=Commit("r" * 500, dirty=False)),
        run_with({NAME: cell()}, machine=replace(RUN.machine, node="n" * 5_000, cpu="", logical_cores=0)),
    ],
)
def test_what_can_be_kept_comes_back(store, run):
    number = store.add(run, b"{}", "run.json")
    assert store.run(number) == run
    assert store.cells() == [*run.cells]
    assert [each.hardware for each in store.entries()] == [run.machine.hardware_id]


def test_texts_come_back_printable(store):
    """As every reader makes them: no file brings other texts in."""
    named = Catalogue(models={"a": ModelTraits("a", "\0b")})
    run = run_with({NAME: cell()}, machine=replace(RUN.machine, node="a\0b"), catalogue=named)
    found = store.run(store.add(run, b"{}", "run.json"))
    assert (found.machine.node, found.catalogue.model("a").label) == ("a\\x00b", "\\x00b")


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (named("n" * 2_001), "the name 'nnnn.*'... has 2001 bytes, and a history keeps up to 2000"),
        (named("\N{SNOWMAN}" * 700), "has 2100 bytes"),
        (named("a\0b"), r"the cell 'a\\x00b' contains a NUL character"),
        (run_with({}, commit=Commit("a\0b", dirty=False)), r"the revision 'a\\x00b' contains a NUL"),
        (run_with({}, settings=replace(RUN.settings, profile="a\0b")), r"the profile 'a\\x00b' contains a NUL"),
        (named("\ud800"), "surrogates not allowed"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_run(store, run, why):
    with pytest.raises(RecordError, match=rf"^run0\.json cannot be kept in a history: .*{why}"):
        store.add(run, b"{}", "run.json")
    assert store.entries() == []


def test_a_source_that_is_not_utf_8_is_kept(store):
    store.add(named(NAME), b"{}", "r\udcff.json")
    assert [each.source for each in store.entries()] == ["r\\udcff.json"]


def test_any_number_of_runs_is_read_and_removed(store):
    row = {"profile": "quick", "complete": True, "source": "x", "header": "{}", "moment": "2026"}
    values = [{**row, "uid": f"{number}", "hardware": "a"} for number in range(MANY)]
    with store._engine.begin() as connection:  # as so many commands would
        connection.execute(
            text(
                "INSERT INTO runs (uid, moment, hardware, profile, complete, source, header) "
                "VALUES (:uid, :moment, :hardware, :profile, :complete, :source, :header)"
            ),
            values,
        )
    entries = store.entries()
    assert len(entries) == MANY
    store.remove([each.number for each in entries[1:]])
    assert store.entries() == entries[:1]


def test_a_reader_and_a_writer_of_postgresql_reach_the_host_whatever_the_password_has_in_it(postgres_database):
    scheme, rest = postgres_database.split("lab4@")
    for written in ("a@b/c:d", "a%40b", "plain"):
        store = open_store(f"{scheme}lab4:{written}@{rest}")
        assert store.entries() == []
        assert written not in store.name
        store.close()


def test_a_server_that_does_not_answer_is_told_in_one_line():
    with pytest.raises(HistoryError, match=r"^postgresql\+psycopg://lab4@127\.0\.0\.1:1/x does not answer: [^\n]*$"):
        open_store("postgresql://lab4@127.0.0.1:1/x")
