"""What a student's own page says of figures out of line: the way, and nothing of another student's."""

from dataclasses import replace

import pytest
from lab4_class import CELLS, changed, student_run, submission
from lab4_hosts import QUIET
from worksheet_factory import CATALOGUE, machine

from lab4.analysis.classroom.assessment import assess
from lab4.analysis.classroom.facts import facts_of, usual_of
from lab4.analysis.classroom.remarks import remarks
from lab4.domain.run import Commit, DatasetInfo

KINDS = {
    *(
        "condition debug",
        "contended",
        "cause other programs at work",
        "slower",
        "data",
        "profile",
        "setting",
        "version",
    ),
    *("instructions", "threads", "changes", "interrupted"),
}


def class_of(mark):
    """A class whose every value has this mark in it, which is a number."""
    on = replace(
        machine(),
        python=f"3.{mark}",
        cpu_flags=("avx2", "avx512_vnni") if mark % 2 else ("avx2", "avx_vnni"),
        libraries=((f"library{mark}", "1"), ("onnxruntime", f"1.{mark}"), ("tensorflow", f"2.{mark}")),
        threads=((f"THREADS_{mark}", "1"), ("litert", f"{mark}")),
    )
    runs = [
        student_run(
            number, probe=(mark / 771) ** 5, on=on, dataset=DatasetInfo(f"data{mark}", mark, mark, f"{mark}" * 20)
        )
        for number in range(8)
    ]
    settings = replace(runs[0].settings, profile=f"profile{mark}", epochs=mark, finetune_epochs=mark, seed=mark)
    return [
        submission(number, replace(run, settings=settings, lab4_version=f"0.{mark}")) for number, run in enumerate(runs)
    ]


def odd_run(probe=8.0):
    """A slow run with everything particular to it that may explain a figure."""

    def busy(outcome):
        latency = outcome.latency
        flags = tuple(number % 2 == 0 for number in range(len(latency.calls.samples_s)))
        activity = replace(QUIET, load_average=50.0)
        return replace(outcome, latency=replace(latency, uncontended=flags, system_activity=activity))

    on = replace(machine(), conditions=(("debug", "debug builds: onnxruntime 1.17.0+debug"),))
    made = student_run(20, speed=20, probe=probe, on=on, complete=False)
    for key in CELLS:
        made = changed(made, key, busy)
    return replace(made, commit=Commit("0" * 40, dirty=True))


def facts_in(others, own):
    return {fact.key: fact for fact in facts_of(submission(20, own), usual_of(each.runs for each in others))}


@pytest.mark.parametrize("probe", [8.0, 0.3])
def test_no_kind_of_fact_has_anything_of_the_class_in_the_students_own_words(probe):
    run = odd_run(probe)
    one, other = (facts_in(class_of(mark), run) for mark in (771, 778))
    assert set(one) == set(other) == (KINDS if probe > 1 else KINDS - {"slower"} | {"faster"})
    assert {key: fact.own for key, fact in one.items()} == {key: fact.own for key, fact in other.items()}
    assert not [fact.own for fact in one.values() if "771" in fact.own or "(most:" in fact.own]
    against = {"slower", "faster", "data", "profile", "setting", "version", "instructions", "threads"}
    assert {key for key, fact in one.items() if fact.text != other[key].text} == against & set(one)


def test_what_a_run_lacks_is_not_named_and_what_it_has_is():
    facts = facts_in(class_of(771), odd_run())
    assert facts["version"].own == "other versions than most: Python 3.11.7, lab4 0.1.0, onnxruntime 1.23.2 and 1 more"
    assert facts["threads"].own == "other settings of threads than most: litert 1"
    assert facts["slower"].own == "a slower machine than most"
    without = replace(odd_run(), machine=replace(odd_run().machine, threads=()))
    assert facts_in(class_of(771), without)["threads"].own == "other settings of threads than most"


def test_a_students_page_is_the_same_in_another_class_where_the_same_is_out_of_line():
    found = [assess([*class_of(mark), submission(20, odd_run())], CATALOGUE).students[-1] for mark in (771, 778)]
    assert all(student.outliers for student in found)
    assert found[0].outliers != found[1].outliers
    one, other = (remarks(student, str, are_real_cells=False) for student in found)
    assert one == other
    assert "a slower machine than most" in repr(one)
    assert "771" not in repr(one)
