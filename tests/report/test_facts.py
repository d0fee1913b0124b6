from dataclasses import replace

import documents
from worksheet_factory import PEAKS

from lab4.analysis.overview import report
from lab4.domain.run import Commit
from lab4.report.pages import facts


def pairs(**about):
    (found,) = facts(report([documents.realistic(70, **about)]))
    return found[1]


def test_peaks_are_told_of_each_place_the_hosts_first():
    gpu = tuple(replace(peak, device="gpu") for peak in PEAKS if peak.kind == "memory")
    assert pairs(peaks=(*gpu, *PEAKS))["Peaks, measured"] == (
        "with 1 thread float32 200 GOP/s, int8 800 GOP/s, memory 30.0 GB/s, cache 90.0 GB/s; "
        "on the GPU memory 30.0 GB/s"
    )
    assert pairs(peaks=())["Peaks, measured"].startswith("not in this run")


def test_a_run_says_its_commit_and_whether_it_ended():
    assert pairs()["Run"] == "every cell that was asked for has ended"
    found = pairs(complete=False, commit=Commit(None, dirty=True))
    assert found["Run"].startswith("interrupted")
    assert found["Commit"] == "not in a git repository"


def test_there_is_a_block_for_each_run():
    assert [title for title, _ in facts(documents.MERGED)] == [
        "lab-pc-07, 2026-03-01T10:00:00+00:00",
        "gpu-box, 2026-03-02T00:00:00Z",
    ]
