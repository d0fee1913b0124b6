import shutil

import pytest
from lab4_examples import RUN, latency
from lab4_strategies import header_of_run

from lab4.domain.cell import Cell
from lab4.domain.errors import OutputError, RecordError
from lab4.domain.outcome import Measured, Measurement
from lab4.domain.rounds import Round
from lab4.history.journal import Journal
from lab4.history.run_folder import RunFolder

CNN = Cell("latency", "cnn", (), "cpu", 1, "onnx")
MEASURED = Measurement(CNN, Measured(latency=latency((1e-6,))))
ROUND = Round(1, 0.5, {})
HEADER = header_of_run(RUN)


@pytest.fixture
def warnings():
    return []


@pytest.fixture
def folder(tmp_path, warnings):
    made = RunFolder(tmp_path / "results", warnings.append)
    made.claim()
    made.create(HEADER)
    made.keep_round(ROUND)
    yield made
    made.close(complete=False)


def kept(path):
    journal = Journal.resume(path / "journal.jsonl")
    journal.close()
    return journal.rounds, [*journal.entries]


def test_a_second_run_is_refused_until_the_first_lets_go(folder):
    second = RunFolder(folder.path, print)
    with pytest.raises(OutputError, match="results is in use: process"):
        second.claim()
    with pytest.raises(OutputError, match="results is in use: process"):
        second.resume()
    folder.close(complete=False)
    assert second.resume().rounds == [ROUND]
    second.close(complete=True)
    assert list(folder.path.iterdir()) == []


def test_a_removed_folder_is_made_again_with_all_that_was_measured(folder, tmp_path, warnings):
    shutil.rmtree(tmp_path / "results")
    folder.keep(MEASURED, None)
    assert kept(tmp_path / "results") == ([ROUND], [CNN.key])
    assert [each.partition(" was removed")[0] for each in warnings] == [str(tmp_path / "results")]


def test_another_name_is_taken_where_another_run_has_the_folder_now(folder, tmp_path, warnings):
    shutil.rmtree(tmp_path / "results")
    other = RunFolder(tmp_path / "results", print)
    other.claim()
    other.create(HEADER)
    folder.keep(MEASURED, None)
    assert kept(tmp_path / "results-2") == ([ROUND], [CNN.key])
    assert kept(tmp_path / "results") == ([], [])
    assert f"is in {tmp_path / 'results-2'}" in warnings[0]
    other.close(complete=False)


def test_a_journal_that_was_replaced_is_not_written_into(folder, tmp_path):
    stranger = b"something else"
    (tmp_path / "results" / "journal.jsonl").unlink()
    (tmp_path / "results" / "journal.jsonl").write_bytes(stranger)
    folder.close(complete=True)
    assert (tmp_path / "results" / "journal.jsonl").read_bytes() == stranger


def test_there_must_be_a_run_to_resume_and_it_must_be_readable(tmp_path):
    nothing = RunFolder(tmp_path / "results", print)
    with pytest.raises(RecordError, match="there is no interrupted run"):
        nothing.resume()
    assert not (tmp_path / "results").exists()
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "journal.jsonl").write_bytes(b"{}\n")
    with pytest.raises(RecordError, match=r"cannot resume .*; start anew without --lab4-resume"):
        nothing.resume()
    again = RunFolder(tmp_path / "results", print)
    again.claim()  # the refused one holds nothing
    again.close(complete=False)


def test_before_the_journal_is_started_nothing_is_kept(tmp_path):
    early = RunFolder(tmp_path / "results", print)
    early.keep(MEASURED, None)
    early.keep_round(ROUND)
    early.close(complete=True)
    assert not (tmp_path / "results").exists()


def test_a_folder_that_cannot_be_made_again_is_said_in_one_sentence(folder, tmp_path):
    shutil.rmtree(tmp_path / "results")
    for name in ("results", *(f"results-{number}" for number in range(2, 101))):
        (tmp_path / name).write_text("a file")
    with pytest.raises(OutputError, match="was removed during the run and cannot be made again"):
        folder.keep(MEASURED, None)
