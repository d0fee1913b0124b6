"""A history of an earlier lab4 goes on: nothing of it is lost but what it counted twice."""

import gzip
import json

import pytest
from alembic import command
from alembic.config import Config
from lab4_gate_runs import cell, run_with
from lab4_host_files import IDENTIFIED, UNKNOWN, host_document
from sqlalchemy import inspect, text

from lab4.domain.figures import CellFigures
from lab4.domain.identity import identity
from lab4.history.host_file import host_run
from lab4.history.store import identifying, open_copy, open_store
from lab4.history.store.address import address_of
from lab4.history.store.opening import WRITES, database_engine
from lab4.history.store.plain import rows_of

INT8 = "latency/cnn-cpu-b1-tflite_int8"
DONE, CUT = cell(), CellFigures("interrupted")


class Earlier:
    """A history as the first migration left it, to be filled as the first lab4 did."""

    def __init__(self, written):
        address = address_of(written)
        if address.folder is not None:
            address.folder.mkdir(parents=True)
        self.folder = address.folder
        self.engine = database_engine(address)
        config = Config()
        config.set_main_option("script_location", "lab4.history.store:migrations")
        with self.engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            config.attributes.update(connection=connection, folder=address.folder)
            command.upgrade(config, "0001")

    def add(self, run, uid, document=None, **changes):
        """Add a run; ``changes`` are of its row."""
        row, cells = rows_of(run)
        values = row | {"uid": uid, "source": f"{uid}.json", "document": document} | changes
        values.pop("identity")
        with self.engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            insert = f"INSERT INTO runs ({', '.join(values)}) VALUES (:{', :'.join(values)}) RETURNING id"  # noqa: S608
            number = connection.execute(text(insert), values).scalar_one()
            for each in cells:
                connection.execute(
                    text("INSERT INTO cells (run, cell, figures) VALUES (:run, :cell, :figures)"),
                    {"run": number, **each},
                )
        return number

    def column(self, name):
        with self.engine.connect() as connection:
            return connection.execute(text(f"SELECT {name} FROM runs ORDER BY id")).scalars().all()  # noqa: S608


@pytest.fixture
def earlier(address):
    found = Earlier(address)
    yield found
    found.engine.dispose()


def host(number=0, machine=IDENTIFIED):
    """A plain run, and its file."""
    document = host_document(number, machine)
    return host_run(document, "run.json"), json.dumps(document).encode()


def as_taken_before(run):
    """The header of a run of an unknown machine, as the first lab4 filled it in."""
    plain = json.loads(rows_of(run)[0]["header"])
    plain["machine"] |= {"logical_cores": 1, "physical_cores": 1}
    return json.dumps(plain)


def test_runs_keep_their_numbers_machines_and_figures(earlier, address):
    runs = [run_with({INT8: DONE}, number) for number in range(3)]
    numbers = [earlier.add(run, f"{number}") for number, run in enumerate(runs)]
    hardware = earlier.column("hardware")
    store = open_store(address)
    assert [each.number for each in store.entries()] == numbers
    assert [each.hardware for each in store.entries()] == hardware
    assert [each.identity for each in store.entries()] == [identity(run).key for run in runs]
    assert store.runs() == runs
    assert store.add(runs[0], b"again", "again.json") is None
    store.close()


def test_of_runs_that_were_counted_twice_the_better_copy_stays(earlier, address):
    half, whole = (run_with({INT8: DONE, "b": second}, complete=second is DONE) for second in (CUT, DONE))
    fewer = run_with({INT8: CUT, "b": CUT}, complete=False)
    zone = run_with(whole.cells, started_at="2026-01-01T02:00:00+02:00")
    numbers = [earlier.add(run, f"{number}") for number, run in enumerate((fewer, half, whole, zone))]
    other = earlier.add(run_with({INT8: DONE}, 5), "other")
    store = open_store(address)
    assert [each.number for each in store.entries()] == [numbers[2], other]
    assert store.run(numbers[2]) == whole
    assert len(store.points("b")) == 1
    store.close()


def test_machines_without_facts_are_told_apart_from_then_on(earlier, address):
    unknown, data = host(0, UNKNOWN)
    header = as_taken_before(unknown)
    earlier.add(unknown, "a", gzip.compress(data), header=header, hardware="0123456789ab")
    if earlier.folder is not None:
        (earlier.folder / "a.json").write_bytes(data)
    store = open_store(address)
    (entry,) = store.entries()
    assert (entry.hardware, entry.identity) == (unknown.machine.hardware_id, identity(unknown).key)
    assert store.run(entry.number).machine == unknown.machine
    assert store.add(unknown, data + b" ", "again.json") is None
    store.close()


def test_a_machine_of_one_core_stays_what_it_is(earlier, address):
    one, data = host(0, IDENTIFIED | {"cpu": {"brand_raw": "Test CPU", "count": 1}})
    earlier.add(one, "a", gzip.compress(data))
    if earlier.folder is not None:
        (earlier.folder / "a.json").write_bytes(data)
    hardware = earlier.column("hardware")
    store = open_store(address)
    assert [each.hardware for each in store.entries()] == hardware
    store.close()


def test_a_damaged_entry_stays_and_stops_no_other(earlier, address):
    earlier.add(run_with({}, 0), "a", header="{")
    whole = run_with({INT8: DONE}, 1)
    earlier.add(whole, "b")
    store = open_store(address)
    assert [each.number for each in store.entries()] == [1, 2]
    assert store.run(2) == whole
    store.close()


def test_an_upgrade_that_ends_early_changes_nothing(earlier, address, monkeypatch):
    runs = [run_with({INT8: DONE}, number) for number in range(2)]
    for number, run in enumerate(runs):
        earlier.add(run, f"{number}")
    whole = identifying.identify

    def ends_early(*arguments):
        whole(*arguments)
        raise RuntimeError("the process was killed")

    monkeypatch.setattr(identifying, "identify", ends_early)
    with pytest.raises(RuntimeError):
        open_store(address)
    assert "identity" not in {each["name"] for each in inspect(earlier.engine).get_columns("runs")}
    monkeypatch.undo()
    store = open_store(address)
    assert store.runs() == runs
    store.close()


def test_an_earlier_history_is_read_where_it_cannot_be_upgraded(earlier, address):
    if earlier.engine.dialect.name == "postgresql":
        pytest.skip("a server's history is not copied")
    run = run_with({INT8: DONE})
    earlier.add(run, "a")
    copy = open_copy(address)
    assert copy.runs() == [run]
    copy.close()
    assert earlier.column("uid") == ["a"]
    assert "identity" not in {each["name"] for each in inspect(earlier.engine).get_columns("runs")}


def test_a_history_of_parts_goes_on_as_one_of_kinds(earlier, address):
    """Earlier versions named cells by parts of the worksheet: the same cell has one line through all runs."""
    before = run_with(
        {
            "inference/cnn-cpu-b1-tflite_int8": DONE,
            "inference/cnn-cpu-b1-keras_predict": DONE,
            "quantization/cnn-cpu-keras": CUT,
            "pruning/cnn-cpu-keras": DONE,
            "deployment/cnn-cpu-keras": DONE,
            "test_of_another[a/b]": DONE,
        }
    )
    row, _ = rows_of(before)
    header = json.loads(row["header"])
    header["labels"] = {"cnn": "My CNN"}
    del header["catalogue"]
    earlier.add(before, "before", header=json.dumps(header))
    store = open_store(address)
    after = run_with({INT8: DONE, "examine/cnn-cpu-keras": DONE}, 1)
    store.add(after, b"{}", "after.json")
    assert [len(store.points(key)) for key in (INT8, "examine/cnn-cpu-keras")] == [2, 2]
    found = store.runs()[0]
    assert set(found.cells) == {
        INT8,
        "latency/cnn-cpu-b1-keras:predict",
        "examine/cnn-cpu-keras",
        "test_of_another[a/b]",
    }
    assert found.cells["examine/cnn-cpu-keras"] == DONE
    assert found.catalogue.model("cnn").label == "My CNN"
    assert found.catalogue.technique("finetuned").kind == "control"
    store.close()
