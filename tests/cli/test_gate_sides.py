"""Whose runs a candidate is judged by: each counts once, wherever it is found."""

from argparse import Namespace
from dataclasses import replace

from lab4_examples import RUN
from lab4_strategies import document_of

from lab4.cli.gate_runs import baselines_of, candidates_of
from lab4.cli.shared import note
from lab4.history.run_file import write_run
from lab4.reading.store import add_document, opened

AS_USUAL = {"cross_machine": False, "interleaved": False, "assume_same_machine": False}


def test_a_run_of_the_history_and_of_a_folder_is_one_baseline_and_a_copy_no_candidate(tmp_path, capsys):
    before = tmp_path / "baselines" / "before.json"
    write_run(before, document_of(RUN))
    now, copy = tmp_path / "now.json", tmp_path / "copy.json"
    for path in (now, copy):
        write_run(path, document_of(replace(RUN, started_at="2026-02-01T00:00:00+00:00")))
    history = str(tmp_path / "history")
    store = opened(history, note)
    add_document(store, before.read_bytes(), str(before))
    store.close()
    arguments = Namespace(
        runs=[str(now), str(copy)], baseline=[tmp_path / "baselines", copy], last=None, history=history, **AS_USUAL
    )
    candidates, faults = candidates_of(arguments)
    baselines = baselines_of(arguments, candidates)
    assert faults == {}
    assert [run.source for run in candidates] == [str(now)]
    assert [run.started_at for run in baselines] == [RUN.started_at]
    assert "before.json is the same run as" in capsys.readouterr().err
