import json
import os
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lab4_examples import latency
from lab4_strategies import header_of_run, measurements, rounds, row_of, runs

from lab4.domain.catalogue import Catalogue, ModelTraits
from lab4.domain.cell import Cell
from lab4.domain.errors import OutputError, RecordError
from lab4.domain.machine import Machine
from lab4.domain.outcome import Failed, Measured, Measurement
from lab4.domain.run import DatasetInfo, Settings
from lab4.history.journal import Journal
from lab4.history.json_text import written
from lab4.history.plain import header_of, to_plain
from lab4.history.run_schema import SCHEMA_VERSION, RunHeader

anew = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

CNN = Cell("latency", "cnn", (), "cpu", 1, "onnx")
FCNN = Cell("latency", "fcnn", (), "cpu", 1, "onnx")
MEASURED = Measurement(CNN, Measured(latency=latency((1e-6,))))
FAILED = Measurement(FCNN, Failed("crashed"))
HEADER = header_of(
    RunHeader(
        SCHEMA_VERSION,
        "2026-01-31T12:00:00+00:00",
        "1.0",
        Settings("quick", 1, 2, 1, 0.1),
        DatasetInfo("mnist_10k", 8000, 2000, ""),
        Catalogue(models={"cnn": ModelTraits("cnn", "CNN")}),
        (CNN.key, FCNN.key),
    ),
    Machine("box", "CPU", (), 8, 4, 2**34, (), "Linux", "3.11", (), ()),
)


@pytest.fixture
def path(tmp_path):
    with closing(Journal.create(tmp_path / "journal.jsonl", HEADER)) as journal:
        journal.append(MEASURED, row_of(MEASURED))
        journal.append(FAILED, None)
    return tmp_path / "journal.jsonl"


def resumed(path):
    with closing(Journal.resume(path)) as journal:
        return journal


@anew
@given(runs, st.lists(measurements, max_size=5))
def test_what_was_appended_is_there_when_resumed(tmp_path, run, ended):
    with closing(Journal.create(tmp_path / "journal.jsonl", header_of_run(run))) as journal:
        for measurement in ended:
            journal.append(measurement, {"name": "row"})
    found = resumed(tmp_path / "journal.jsonl")
    assert found.header == header_of_run(run)
    assert {key: entry.measurement for key, entry in found.entries.items()} == {each.cell.key: each for each in ended}
    assert found.entries == journal.entries


@anew
@given(st.lists(rounds, max_size=4))
def test_rounds_are_there_when_resumed_and_when_the_journal_is_moved(tmp_path, kept):
    with closing(Journal.create(tmp_path / "journal.jsonl", HEADER)) as journal:
        for each in kept:
            journal.append_round(each)
        journal.append(MEASURED, row_of(MEASURED))
        assert resumed(journal.path).rounds == kept
        (tmp_path / "journal.jsonl").unlink()
        journal.move_to(tmp_path / "other" / "journal.jsonl")
        journal.append(FAILED, None)
        found = resumed(tmp_path / "other" / "journal.jsonl")
    assert (found.rounds, found.entries, found.header) == (kept, journal.entries, journal.header)


def test_every_damaged_character_of_a_line_costs_its_own_cell_and_no_other(path):
    """The record is there once; an unchecked copy would be believed."""
    whole = path.read_bytes()
    start = whole.index(b"\n") + 1
    for place in range(start, whole.index(b"\n", start), 7):
        damaged = bytearray(whole)
        damaged[place] = ord("7") if damaged[place] != ord("7") else ord("8")
        path.write_bytes(damaged)
        found = resumed(path)
        assert [*found.entries] == [FCNN.key]
        assert len(found.damaged) == 1


def test_a_line_holds_the_record_once(path):
    line = json.loads(path.read_bytes().splitlines()[1])
    assert "lab4" not in line["row"]["extra_info"]


def test_of_a_line_with_two_copies_the_one_that_was_checked_is_believed(path):
    """As earlier versions wrote lines, without a checksum."""
    row = row_of(MEASURED)
    row["extra_info"] |= {"lab4": {"schema_version": 1}, "own": 1}
    header = path.read_bytes().splitlines(keepends=True)[0]
    path.write_bytes(header + written({"key": CNN.key, "lab4": to_plain(MEASURED), "row": row}))
    entry = resumed(path).entries[CNN.key]
    assert entry.row["extra_info"] == {"lab4": to_plain(MEASURED), "own": 1}


def test_a_journal_that_was_removed_or_replaced_knows_it(path):
    with closing(Journal.resume(path)) as journal:
        assert journal.is_there
        kept = path.read_bytes()
        path.unlink()
        assert not journal.is_there
        path.write_bytes(kept)
        assert not journal.is_there


def test_an_entry_has_the_measurement_its_plain_data_and_the_row(path):
    entries = resumed(path).entries
    assert [*entries] == [CNN.key, FCNN.key]
    assert (entries[CNN.key].measurement, entries[CNN.key].row) == (MEASURED, row_of(MEASURED))
    assert (entries[FCNN.key].plain, entries[FCNN.key].row) == (to_plain(FAILED), None)


def test_a_cell_is_on_the_disk_when_append_returns(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    with closing(Journal.create(tmp_path / "journal.jsonl", HEADER)) as journal:
        synced.clear()
        journal.append(MEASURED, None)
        assert len(synced) == 1
        assert [*resumed(journal.path).entries] == [CNN.key]


def test_a_later_line_replaces_an_earlier_one_of_its_cell(path):
    with closing(Journal.resume(path)) as journal:
        journal.append(Measurement(CNN, Failed("again")), None)
    found = resumed(path).entries
    assert [*found] == [CNN.key, FCNN.key]
    assert found[CNN.key].measurement.outcome == Failed("again")


def test_half_a_line_at_the_end_is_cut_off_wherever_it_was_cut(path):
    whole = path.read_bytes()
    start = whole.rindex(b"\n", 0, -1) + 1
    for length in range(start, len(whole)):
        path.write_bytes(whole[:length])
        assert [*resumed(path).entries] == [CNN.key]
        assert path.read_bytes() == whole[:start]


def test_a_resumed_journal_goes_on_after_the_last_whole_line(path):
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    with closing(Journal.resume(path)) as journal:
        journal.append(FAILED, None)
    assert path.read_bytes() == whole


@pytest.mark.parametrize("line", [b"{\n", b"\n", b"[]\n", b"\xff\n", b'{"key": "latency/cnn-cpu-onnx"}\n'])
def test_a_damaged_line_before_the_last_costs_no_other_cell_and_is_told(path, line):
    with closing(Journal.resume(path)) as whole:
        kept = dict(whole.entries)
    header, *rest = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([header, line, *rest]))
    with closing(Journal.resume(path)) as journal:
        assert journal.entries == kept
        (told,) = journal.damaged
        assert told.startswith("line 2 is damaged")


def test_a_damaged_header_is_refused(path):
    _, *rest = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([b"{\n", *rest]))
    with pytest.raises(RecordError, match="cannot resume"):
        Journal.resume(path)


def test_a_key_that_contradicts_its_record_is_told_and_not_believed(path):
    with path.open("ab") as file:
        file.write(written({"key": CNN.key, "lab4": to_plain(FAILED), "row": None}))
    with closing(Journal.resume(path)) as journal:
        assert "contradicts" in journal.damaged[0]
        assert journal.damaged[0].startswith("line 4 is damaged: its key")
        assert journal.entries[CNN.key].measurement != FAILED


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "it has no header"),
        (written(HEADER)[:-1], "it has no header"),
        (written(HEADER)[:50], "it has no header"),
        (written({}), "no valid schema_version"),
        (written(HEADER | {"schema_version": 4, "new": 1}), "schema version 4 and this lab4 reads up to 3; upgrade"),
        (written(HEADER | {"new": 1}), "new: "),
    ],
)
def test_a_journal_without_a_readable_header_is_refused(path, content, fault):
    path.write_bytes(content)
    with pytest.raises(RecordError) as caught:
        Journal.resume(path)
    assert str(caught.value).startswith(f"cannot resume {path}: ")
    assert fault in str(caught.value)
    assert path.read_bytes() == content


def test_there_must_be_something_to_resume(tmp_path):
    with pytest.raises(RecordError, match="no such file"):
        Journal.resume(tmp_path / "journal.jsonl")


def test_an_earlier_journal_is_kept(path):
    earlier = path.read_bytes()
    Journal.create(path, HEADER).close()
    (kept,) = (path.parent / "earlier").iterdir()
    assert kept.read_bytes() == earlier
    assert resumed(path).entries == {}


def test_a_header_that_could_not_be_read_back_is_not_written(path):
    before = path.read_bytes()
    with pytest.raises(RecordError):
        Journal.create(path, HEADER | {"started_at": "now"})
    assert path.read_bytes() == before


class Filling:
    """A file on a disk that takes ten more bytes, and says so by the count or by an error."""

    def __init__(self, file, *, says):
        self.file, self.says = file, says

    def __getattr__(self, name):
        return getattr(self.file, name)

    def write(self, data):
        self.file.write(data[:10])
        if self.says:
            raise OSError(28, "No space left on device")
        return 10


@pytest.mark.parametrize("says", [True, False])
def test_a_full_disk_is_said_in_one_line_and_costs_no_earlier_cell(path, says):
    before = path.read_bytes()
    with closing(Journal.resume(path)) as journal:
        real = journal._file
        journal._file = Filling(real, says=says)
        with pytest.raises(OutputError, match=r"cannot write .*[Nn]o space left"):
            journal.append(Measurement(CNN, Failed("again")), None)
        assert path.read_bytes() == before
        assert journal.entries[CNN.key].measurement == MEASURED
        journal._file = real
        journal.append(Measurement(CNN, Failed("again")), None)
    assert resumed(path).entries[CNN.key].measurement.outcome == Failed("again")


def test_closing_twice_does_nothing(path):
    journal = Journal.resume(path)
    journal.close()
    journal.close()
    with pytest.raises(OutputError):
        journal.append(FAILED, None)


def test_a_line_of_more_samples_than_a_journal_may_have_costs_its_own_cell(tmp_path):
    many = Measured(latency=latency((0.0,) * 1_200_000))  # as no clock tells them: they pack into nothing
    with closing(Journal.create(tmp_path / "journal.jsonl", HEADER)) as journal:
        journal.append(Measurement(CNN, many), None)
        journal.append(Measurement(FCNN, many), None)
    found = resumed(tmp_path / "journal.jsonl")
    assert [*found.entries] == [CNN.key]
    assert "2,400,000 samples" in found.damaged[0]
