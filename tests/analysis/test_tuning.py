"""The best settings by a run's rounds: what is better is found, and luck is not taken for it."""

import re
from dataclasses import replace
from random import Random

import pytest
from lab4_examples import latency as example_latency
from lab4_examples import table_of
from worksheet_factory import CATALOGUE, at, machine, run

from lab4.analysis.document import Code
from lab4.analysis.observations import observations_of
from lab4.analysis.overview import report
from lab4.analysis.tables import NotMeasured, Quantity
from lab4.analysis.tuning import tuning_section, tunings
from lab4.domain.catalogue import merged
from lab4.domain.observed import Series
from lab4.domain.outcome import Measured, Unavailable
from lab4.report.units import sentence
from lab4.runtimes import RUNTIMES

DEFAULT = "latency/cnn-cpu-b1-onnx"
ROUNDS, CALLS = 24, 15
#: With the settings of the runtime, as a run of now has them.
OURS = replace(CATALOGUE, runtimes={name: RUNTIMES[name].traits for name in CATALOGUE.runtimes})


def rounds(typical_s, random, rounds=ROUNDS, spread=0.02, probe_s=None):
    """Calls that vary between rounds by ``spread``, and within them by as much."""
    samples, sizes = [], []
    for speed in probe_s or [3e-5] * rounds:
        level = typical_s * random.gauss(1, spread) * speed / 3e-5
        samples += [max(1e-9, level * random.gauss(1, spread)) for _ in range(CALLS)]
        sizes.append(CALLS)
    return Measured(
        latency=example_latency(
            samples,
            calls=Series(tuple(samples), tuple(sizes), 1, "call"),
            probe_s=tuple(probe_s or [3e-5] * len(sizes)),
            uncontended=(True,) * len(samples),
        )
    )


def found_in(outcomes, **changes):
    measured = run(*(at(key, outcome) for key, outcome in outcomes.items()), catalogue=OURS, **changes)
    return observations_of([measured])


def only(found):
    (result,) = tunings(found)
    return result


def test_what_is_faster_is_found_with_its_gain():
    random = Random(1)
    outcomes = {
        DEFAULT: rounds(1e-3, random),
        "latency/cnn-cpu-b1-t2-onnx": rounds(0.6e-3, random),
        "latency/cnn-cpu-b1-onnx+graph.off": rounds(1.5e-3, random),
    }
    result = only(found_in(outcomes))
    assert result.chosen.cell.key == "latency/cnn-cpu-b1-t2-onnx"
    assert result.is_better
    assert result.gain.value == pytest.approx(1 / 0.6, rel=0.03)
    assert result.gain.low < 1 / 0.6 < result.gain.high
    assert result.best is result.chosen


def test_of_equally_fast_ones_the_simplest_is_chosen():
    random = Random(2)
    outcomes = {DEFAULT: rounds(1e-3, random), "latency/cnn-cpu-b1-t2-onnx": rounds(0.6e-3, random)}
    outcomes |= {f"latency/cnn-cpu-b1-t2-onnx+graph.{each}": rounds(0.599e-3, random) for each in ("basic", "off")}
    outcomes["latency/cnn-cpu-b1-t2-onnx+arena.off"] = rounds(0.9e-3, random)
    assert only(found_in(outcomes)).chosen.cell.key == "latency/cnn-cpu-b1-t2-onnx"


@pytest.mark.untraced
def test_among_many_equal_ones_none_is_better_beyond_the_nominal_error():
    """One error in 40 is what a 95% interval allows; the fastest by all rounds would nearly always look faster."""
    random, names = Random(3), [f"latency/cnn-cpu-b1-onnx+x.{number}" for number in range(12)]
    better, fastest_looks_better = 0, 0
    for _ in range(120):
        found = found_in({key: rounds(1e-3, random, spread=0.03) for key in (DEFAULT, *names)})
        result = only(found)
        better += result.is_better
        medians = [each.latency.p50_s for each in found.by_key.values()]
        fastest_looks_better += min(medians) < medians[0]
    assert better <= 8
    assert fastest_looks_better > 90


def test_the_interval_of_the_gain_covers_it():
    random, covered = Random(4), 0
    for _ in range(200):
        outcomes = {DEFAULT: rounds(1e-3, random), "latency/cnn-cpu-b1-t2-onnx": rounds(0.97e-3, random)}
        gain = only(found_in(outcomes)).gain
        covered += gain.low <= 1 / 0.97 <= gain.high
    assert covered >= 185


def test_a_machine_that_becomes_slower_is_no_gain():
    """The default ended early, in fast rounds: the frequency probe says that they were."""
    random = Random(5)
    slower = [3e-5] * ROUNDS + [6e-5] * ROUNDS
    outcomes = {
        DEFAULT: rounds(1e-3, random, probe_s=slower[:ROUNDS]),
        "latency/cnn-cpu-b1-onnx+arena.off": rounds(0.9e-3, random, probe_s=slower),
    }
    assert only(found_in(outcomes)).gain.value == pytest.approx(1 / 0.9, rel=0.05)


def test_too_few_rounds_are_said_and_nothing_is_recommended():
    random = Random(6)
    outcomes = {DEFAULT: rounds(1e-3, random, 8), "latency/cnn-cpu-b1-t2-onnx": rounds(0.5e-3, random, 8)}
    result = only(found_in(outcomes))
    assert isinstance(result.gain, NotMeasured)
    assert "fewer than 6 rounds with uncontended calls in each half" in result.gain.reason
    assert result.best is result.default
    (code,) = _code(found_in(outcomes))
    assert sentence(code.title).startswith("CNN, ONNX, CPU, batch 1: the default, 1 thread. Not judged: fewer than 6")


def test_one_that_has_too_few_rounds_is_counted_and_not_chosen():
    random = Random(7)
    outcomes = {
        DEFAULT: rounds(1e-3, random),
        "latency/cnn-cpu-b1-t2-onnx": rounds(0.5e-3, random, 8),
        "latency/cnn-cpu-b1-onnx+arena.off": rounds(0.9e-3, random),
    }
    found = found_in(outcomes)
    result = only(found)
    assert (result.tried, result.unknown) == (2, 1)
    assert result.chosen.cell.settings == (("arena", "off"),)
    (row,) = tuning_section(found).tables[0].rows
    assert row.values[-1].text == "this setting (1 not judged: too few uncontended rounds)"


def test_without_a_default_or_another_setting_there_is_nothing_to_say():
    random = Random(8)
    assert tunings(found_in({DEFAULT: rounds(1e-3, random)})) == ()
    assert tunings(found_in({"latency/cnn-cpu-b1-t2-onnx": rounds(1e-3, random)})) == ()
    alone = {DEFAULT: rounds(1e-3, random), "latency/cnn-cpu-b1-t2-onnx": Unavailable("not here")}
    assert tunings(found_in(alone)) == ()
    assert tuning_section(found_in(alone)) is None


def test_runs_of_two_machines_are_not_mixed():
    random = Random(9)
    runs = [
        run(at(key, rounds(1e-3, random)), on=machine(name), catalogue=OURS)
        for key, name in ((DEFAULT, "a"), ("latency/cnn-cpu-b1-t2-onnx", "b"))
    ]
    assert tunings(observations_of(runs)) == ()


def _code(found):
    return [block for block in tuning_section(found).blocks if isinstance(block, Code)]


def test_the_report_has_the_code_of_the_best():
    random = Random(10)
    fast = "latency/cnn-cpu-b1-t2-onnx+spinning.off"
    found = found_in({DEFAULT: rounds(1e-3, random), fast: rounds(0.5e-3, random)})
    (code,) = _code(found)
    assert re.fullmatch(
        r"CNN, ONNX, CPU, batch 1: 2 threads, spinning off, (1\.9\d|2\.0\d|2) \(.*\) times as fast as the default\.",
        sentence(code.title),
    )
    assert code.lines == (
        "import onnxruntime",
        "options = onnxruntime.SessionOptions()",
        "options.intra_op_num_threads = 2",
        'options.add_session_config_entry("session.intra_op.allow_spinning", "0")',
        'session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])',
    )
    document = report([run(*(at(each.cell.key, each.outcome) for each in found.by_key.values()), catalogue=OURS)])
    (row,) = table_of(document, "tuning").rows
    assert row.values[3].text == "2 threads, spinning off"
    assert isinstance(row.values[5], Quantity)
    assert row.values[6].text == "this setting"


def test_where_nothing_is_better_the_code_is_the_default_and_the_report_says_so():
    random = Random(11)
    found = found_in({DEFAULT: rounds(1e-3, random), "latency/cnn-cpu-b1-onnx+arena.off": rounds(1.2e-3, random)})
    (code,) = _code(found)
    said = sentence(code.title)
    assert said.startswith("CNN, ONNX, CPU, batch 1: the default, 1 thread. The best other setting (1 thread, memory")
    assert re.search(r"arena off\) is 0\.8\d+ \(.*\) times as fast: not faster beyond the noise\.$", said)
    assert not any("arena" in line for line in code.lines)
    said = [each.template for block in tuning_section(found).blocks for each in getattr(block, "sentences", ())]
    assert said == ["Nothing is faster than the default beyond the noise of this run: keep it."]


def test_a_runtime_without_code_has_its_row_and_no_code():
    random = Random(12)
    outcomes = {DEFAULT: rounds(1e-3, random), "latency/cnn-cpu-b1-t2-onnx": rounds(0.5e-3, random)}
    bare = merged([OURS])
    bare.runtimes["onnxruntime"] = replace(OURS.runtimes["onnxruntime"], code=())
    found = observations_of([run(*(at(key, outcome) for key, outcome in outcomes.items()), catalogue=bare)])
    assert _code(found) == []
    assert len(tuning_section(found).tables[0].rows) == 1


def test_calls_that_were_all_contended_recommend_nothing():
    random = Random(8)

    def contended(typical_s):
        found = rounds(typical_s, random)
        return replace(found, latency=replace(found.latency, uncontended=(False,) * len(found.latency.uncontended)))

    outcomes = {DEFAULT: contended(1e-3), "latency/cnn-cpu-b1-t2-onnx": contended(0.5e-3)}
    result = only(found_in(outcomes))
    assert isinstance(result.gain, NotMeasured)
    assert result.best is result.default
