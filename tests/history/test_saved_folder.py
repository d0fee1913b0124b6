"""The files of a history's folder."""

import hashlib

from lab4_gate_runs import run_with

from lab4.history.saved_folder import remove_saved, save_in, saved_files


def test_a_run_is_removed_with_its_copies_and_no_other(tmp_path):
    saved = save_in(tmp_path, run_with({}), b"{}")
    copy = tmp_path / "copy.json"
    copy.write_bytes(b"{}")
    other = save_in(tmp_path, run_with({}), b"{ }")
    remove_saved(tmp_path, {hashlib.sha256(b"{}").hexdigest()})
    assert saved_files(tmp_path) == [other]
    assert not saved.exists()
    assert not copy.exists()


def test_nothing_to_remove_removes_nothing(tmp_path):
    saved = save_in(tmp_path, run_with({}), b"{}")
    remove_saved(tmp_path, set())
    remove_saved(tmp_path / "none", {"ab"})
    assert saved_files(tmp_path) == [saved]
