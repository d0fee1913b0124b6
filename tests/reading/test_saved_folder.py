"""The files of a history's folder."""

from lab4_gate_runs import run_with

from lab4.reading.store import save_in, saved_files


def test_runs_are_numbered_in_the_folder_of_their_machine(tmp_path):
    run = run_with({})
    saved = [save_in(tmp_path, run, data) for data in (b"{}", b"{ }")]
    assert saved_files(tmp_path) == saved
    assert [path.name[:12] for path in saved] == ["0001_c0ffee_", "0002_c0ffee_"]
    assert {path.parent.name for path in saved} == {run.machine.hardware_id}


def test_hidden_files_are_no_runs(tmp_path):
    (tmp_path / ".0001.json").touch()
    assert saved_files(tmp_path) == []
    assert saved_files(tmp_path / "none") == []
