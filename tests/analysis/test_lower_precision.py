"""Int8 and float16 against float32: which artifacts are compared, what the verdicts are, and laws of the ratio."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worksheet_factory import CATALOGUE, at, machine, realistic, run, timed, weighed

from lab4.analysis.document import Chart
from lab4.analysis.lower_precision import Pair, lower_precision_section, times_as_fast, verdict
from lab4.analysis.observations import observations_of
from lab4.analysis.overview import report
from lab4.analysis.tables import NotMeasured, Quantity, Text
from lab4.domain.catalogue import RuntimeTraits
from lab4.domain.outcome import Failed
from lab4.domain.profiled import OperatorTime, Profile
from lab4.report.units import number

FULL, INT8, OTHER = "tflite_float32", "tflite_int8", "onnx"


def section(*measurements, **about):
    return lower_precision_section(observations_of([run(*measurements, **about)]))


def calls(form, seconds, batch=1, threads="", model="cnn"):
    return at(f"latency/{model}-cpu-b{batch}{threads}-{form}", timed(seconds))


def exactly(form, seconds):
    """All calls took the same time."""
    made = timed(seconds)
    series = replace(made.latency.calls, samples_s=(seconds,) * len(made.latency.calls.samples_s))
    return at(f"latency/cnn-cpu-b1-{form}", replace(made, latency=replace(made.latency, calls=series)))


def table(found, key):
    return next((each for each in found.tables if each.key == key), None)


def values(found, key, column):
    made = table(found, key)
    return {row.name: made.value(row, column) for row in made.rows}


def why(found):
    return {name: value.text for name, value in values(found, "precision_why", "why").items()}


def test_the_counterpart_is_float32_of_the_same_container_runtime_and_batch():
    found = section(
        calls(FULL, 8e-5),
        calls(FULL, 8e-4, batch=32),
        calls(INT8, 4e-5),
        calls(INT8, 8e-4, batch=32),
        calls(OTHER, 1e-5),
    )
    ratios = values(found, "precision_speed", "faster")
    assert list(ratios) == ["CNN, TFLite (Int8), batch 1", "CNN, TFLite (Int8), batch 32"]
    assert [each.value for each in ratios.values()] == [pytest.approx(2, rel=0.01), pytest.approx(1, rel=0.01)]
    verdicts = list(values(found, "precision_speed", "verdict").values())
    assert verdicts == [Text("faster"), Text("no clear difference")]


def test_the_counterpart_has_the_same_settings():
    basic = "+xnnpack.off"
    found = section(calls(f"{FULL}{basic}", 4e-4), calls(FULL, 8e-5), calls(INT8, 4e-5), calls(f"{INT8}{basic}", 1e-4))
    ratios = [each.value for each in values(found, "precision_speed", "faster").values()]
    assert ratios == [pytest.approx(2, rel=0.01), pytest.approx(4, rel=0.01)]


def test_of_a_runtime_whose_profiler_is_not_read_the_reason_says_so():
    web = RuntimeTraits("web", "The web", host="browser")
    known = replace(CATALOGUE, runtimes={**CATALOGUE.runtimes, web.name: web})
    found = section(calls(f"{FULL}:web", 4e-5), calls(f"{INT8}:web", 8e-5), catalogue=known)
    (said,) = why(found).values()
    assert "no profiler of The web is read" in said
    assert "--lab4-profile-operators" not in said


def test_what_is_slower_has_a_row_that_says_why_and_what_is_faster_has_none():
    found = section(calls(FULL, 4e-5), calls(INT8, 8e-5), calls(FULL, 8e-4, 32), calls(INT8, 4e-4, 32))
    assert list(why(found)) == ["CNN, TFLite (Int8)"]
    assert list(values(found, "precision_why", "batch").values()) == [Text("1")]


def test_what_reads_as_1_is_as_fast_however_narrow_its_interval_and_has_its_reason():
    found = section(exactly(FULL, 1.002e-4), exactly(INT8, 1e-4))
    assert list(values(found, "precision_speed", "verdict").values()) == [Text("as fast")]
    assert "CNN, TFLite (Int8)" in why(found)


@given(st.floats(0.98, 1.02), st.floats(1e-9, 0.01))
def test_a_ratio_that_reads_as_1_is_neither_faster_nor_slower(value, half):
    said = verdict(Quantity(value, value - half, value + half))
    if number(value, "ratio") == "1.00":
        assert said in {"as fast", "no clear difference"}
    else:
        assert said != "as fast"
        assert said == {(True, False): "faster", (False, True): "slower"}.get(
            (value - half > 1, value + half < 1), "no clear difference"
        )


def test_batch_sizes_with_the_same_reasons_share_a_row():
    found = section(*(calls(form, 1e-4, batch) for form in (FULL, "tflite_float16") for batch in (2, 3)))
    assert list(values(found, "precision_why", "batch").values()) == [Text("2; 3")]


def test_without_a_counterpart_the_row_says_so_and_alone_there_is_no_section():
    assert section(calls(INT8, 4e-5), calls(OTHER, 1e-5)) is None
    found = section(calls(INT8, 4e-5), calls(FULL, 8e-5, threads="-t2"), calls(INT8, 4e-5, threads="-t2"))
    ratios = values(found, "precision_speed", "faster")
    assert isinstance(ratios["CNN, TFLite (Int8), batch 1"], NotMeasured)
    assert ratios["CNN, TFLite (Int8), batch 1, 2 threads"].value == pytest.approx(2, rel=0.01)


def test_runs_of_two_machines_are_not_mixed():
    one = run(calls(FULL, 8e-5), on=machine("a"))
    other = run(calls(INT8, 4e-5), on=machine("b"), started_at="2026-03-02T10:00:00+00:00")
    assert lower_precision_section(observations_of([one, other])) is None


def test_sizes_memory_and_losses_are_shares_of_float32():
    found = section(
        at(f"examine/cnn-cpu-{FULL}", weighed(1950, 2000)),
        at(f"examine/cnn-cpu-{INT8}", weighed(1940, 500)),
        *(calls(form, 1e-5) for form in (FULL, INT8)),
    )
    made = table(found, "precision_cost")
    (row,) = made.rows
    shown = {key: made.value(row, key) for key in ("loss", "size", "size_share", "gzip_share")}
    assert shown["loss"].value == pytest.approx(10 / 2000)
    assert shown["loss"].low < 10 / 2000 < shown["loss"].high
    assert (shown["size"], shown["size_share"], shown["gzip_share"]) == (Quantity(500), Quantity(0.25), Quantity(0.25))
    assert made.value(row, "memory_share") == Quantity(1.0)


def test_a_float32_artifact_that_was_timed_but_not_examined_is_named_with_the_figure_that_is_missing():
    found = section(
        at(f"examine/cnn-cpu-{FULL}", weighed()),
        at(f"examine/cnn-cpu-{INT8}", weighed()),
        at(f"examine/fcnn-cpu-{INT8}", weighed()),
        *(calls(form, 1e-5, model=model) for form in (FULL, INT8) for model in ("cnn", "fcnn")),
    )
    row = "FCNN, TFLite (Int8)"
    figures = {"loss": "predictions are", "size_share": "size is", "gzip_share": "gzipped size is"}
    for column, figure in figures.items():
        said = values(found, "precision_cost", column)[row]
        why_not = f"FCNN, TFLite (Float32) was not examined in this run, so its {figure} not known"
        assert said == NotMeasured(why_not)
    assert values(found, "precision_cost", "memory_share")[row] == Quantity(1.0)
    assert isinstance(values(found, "precision_speed", "faster")[f"{row}, batch 1"], Quantity)


def test_a_float32_artifact_that_failed_is_named_with_its_reason():
    found = section(
        *(calls(form, 1e-5) for form in (FULL, INT8)),
        calls(INT8, 1e-4, 32),
        at(f"latency/cnn-cpu-b32-{FULL}", Failed("out of memory")),
        at(f"examine/cnn-cpu-{FULL}", replace(weighed(), metrics={})),
        at(f"examine/cnn-cpu-{INT8}", weighed()),
    )
    assert values(found, "precision_speed", "faster")["CNN, TFLite (Int8), batch 32"] == NotMeasured(
        "CNN, TFLite (Float32) was not timed at batch 32 in this run, so its latency is not known: out of memory"
    )
    assert values(found, "precision_cost", "loss")["CNN, TFLite (Int8)"] == NotMeasured(
        "the predictions of CNN, TFLite (Float32) are not in this run"
    )


@given(st.floats(1e-6, 1e-2), st.floats(1e-6, 1e-2))
def test_swapping_the_sides_inverts_the_ratio_and_its_interval(one, other):
    found = observations_of([run(calls(FULL, one), calls(INT8, other))])
    full, lower = (found.by_key[f"latency/cnn-cpu-b1-{form}"] for form in (FULL, INT8))
    there, back = times_as_fast(Pair(lower, full)), times_as_fast(Pair(full, lower))
    assert there.low <= there.value <= there.high
    assert there.value * back.value == pytest.approx(1)
    assert there.low * back.high == pytest.approx(1)


def test_a_whole_run_has_tables_and_a_chart_with_a_line_at_1_and_the_fastest_first():
    found = lower_precision_section(observations_of([realistic(70)]))
    charts = [each for each in found.blocks if isinstance(each, Chart)]
    assert {chart.x.origin for chart in charts} == {1.0}
    assert charts[0].title == "Lower precision against float32: CNN, CPU"
    ratios = [mark.x.value for mark in charts[0].marks]
    assert ratios == sorted(ratios, reverse=True)
    assert {mark.group for mark in charts[0].marks} == {"1", "32"}
    assert found in report([realistic(70)]).sections


def operator(kind, seconds, dtype="", where="XNNPACK"):
    return OperatorTime(kind.lower(), kind, where, 1.0, seconds, 0.1, dtype)


def profile(*operators):
    return Profile("LiteRT", "2.3.0", 50, 1, 1e-2, 1e-2, 0.1, 1e-6, False, operators)


def profiled(mine, theirs=(("Convolution (NHWC, F32)", 4e-3, "float32"),), **about):
    """Int8 half as fast as float32, with these operators: the reasons for batch 1."""
    examined = [
        at(f"examine/cnn-cpu-{form}", replace(weighed(), operators=profile(*(operator(*each) for each in operators))))
        for form, operators in ((INT8, mine), (FULL, theirs))
    ]
    found = section(calls(FULL, 4e-5), calls(INT8, 8e-5), *examined, **about)
    return why(found)["CNN, TFLite (Int8)"]


def test_operators_outside_the_delegate_are_named():
    said = profiled([("CONV_2D", 7e-3, "int16", "LiteRT"), ("Softmax (NC, F32)", 1e-4, "float32")])
    assert "XNNPACK, which runs float32, does not run CONV_2D (int16): LiteRT does, 99% of the operators' time" in said
    assert "its operators take 7.1 ms (CONV_2D (int16) 7 ms), those in float32 4 ms (Convolution (NHWC, F32)" in said


def test_operators_without_an_integer_kernel_and_the_conversions_around_them_are_named():
    said = profiled(
        [
            ("DequantizeLinear", 1e-3, "uint8"),
            ("Sigmoid", 2e-3, "float32"),
            ("QuantizeLinear", 1e-3, "float32"),
            ("QLinearConv", 1e-3, "uint8"),
        ]
    )
    assert "Sigmoid (float32) run in floating point, 40% of the operators' time" in said
    assert "2 conversions between types (DequantizeLinear (uint8), QuantizeLinear (float32)) are 40%" in said


def test_integers_that_a_processor_multiplies_are_no_reason():
    said = profiled([("Convolution (NHWC, QS8)", 1e-3, "int8")], on=replace(machine(), cpu_flags=("avx512_vnni",)))
    assert said.startswith("its operators take 1 ms (Convolution (NHWC, QS8) 1 ms), those in float32 4 ms (")
    assert "Not recorded: the call overhead" in said
    assert "VNNI" not in said


def test_what_was_not_measured_to_its_target_says_so_where_nothing_is_clear():
    rough = timed(4e-5)
    samples = tuple(4e-5 * (1 + (number // 100) % 3) for number in range(len(rough.latency.calls.samples_s)))
    series = replace(rough.latency.calls, samples_s=samples)
    unsteady = replace(rough.latency, calls=series, ended="budget", target=0.01)
    found = section(calls(FULL, 7e-5), at(f"latency/cnn-cpu-b1-{INT8}", replace(rough, latency=unsteady)))
    assert "its latency is not known as well as the profile wants: measure again" in why(found)["CNN, TFLite (Int8)"]


def test_a_processor_without_vnni_is_named_and_one_whose_flags_are_unknown_too():
    operators = [("Convolution (NHWC, QS8)", 1e-3, "int8")]
    assert "no instruction for sums of int8 products, such as VNNI (int8 instructions: AVX2)" in profiled(operators)
    assert "Not recorded: the processor's flags" in profiled(operators, on=replace(machine(), cpu_flags=()))


def test_call_overhead_is_a_reason_where_most_of_the_call_does_not_depend_on_the_batch():
    flat = section(calls(FULL, 4e-5), calls(INT8, 8e-5), calls(FULL, 5e-5, 32), calls(INT8, 9e-5, 32))
    said = {each.values[1]: each.values[2] for each in table(flat, "precision_why").rows}
    assert "of the float32 call does not depend on the batch size" in said[Text("1")].text
    steep = section(calls(FULL, 4e-5), calls(INT8, 8e-5), calls(FULL, 32 * 4e-5, 32), calls(INT8, 32 * 8e-5, 32))
    assert "does not depend on" not in " ".join(why(steep).values())


def test_what_would_record_the_evidence_is_named():
    (said,) = why(section(calls(FULL, 4e-5), calls(INT8, 8e-5))).values()
    assert "time by operator, which --lab4-profile-operators records" in said
    assert "two batch sizes are timed (--lab4-batch-sizes)" in said


def test_why_a_profile_failed_is_said():
    examined = at(f"examine/cnn-cpu-{INT8}", replace(weighed(), missing={"operators": "not measured: status 3"}))
    (said,) = why(section(calls(FULL, 4e-5), calls(INT8, 8e-5), examined)).values()
    assert "time by operator (not measured: status 3)" in said


def test_a_format_that_computes_in_float32_says_so_and_needs_no_vnni():
    (said,) = why(section(calls(FULL, 4e-5), calls("tflite_float16", 4e-5))).values()
    assert said.startswith("it computes in float32: only the weights in the file are smaller")
    assert "VNNI" not in said


def test_operators_shorter_than_the_clock_say_so():
    assert "too short for the profiler's clock (steps of 0.001 ms)" in profiled([("Fully Connected", 0.0, "int8")])
