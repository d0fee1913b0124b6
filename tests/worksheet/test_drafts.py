import re
from dataclasses import replace

import pytest
from worksheet_cases import REAL, RUNS, cell, draft, questions
from worksheet_factory import NO_GPU, at, machine, realistic, run, timed, trained, weighed

from lab4.analysis.document import Prose
from lab4.analysis.query import Figure
from lab4.analysis.tables import NotMeasured, Quantity, Row
from lab4.domain.observed import Loading
from lab4.domain.outcome import Failed
from lab4.report.units import figure, sentence, spread, words
from lab4.worksheet import worksheet
from lab4.worksheet.sentences import clear_loss, say, versus

#: One of 2,000 less is no clear difference.
LOST = {"keras": 1950, "tflite_int8": 1949}
NUMBER = re.compile(r"[+-]?\d[\d,]*\.\d+")


@pytest.mark.parametrize("name", RUNS)
def test_every_part_but_the_reflection_has_three_questions_with_a_draft(name):
    made = worksheet(RUNS[name])
    for part in range(1, 6):
        found = questions(made, part)
        assert len(found) == 3
        assert all(text.endswith("?") and answer for text, answer in found)
    assert questions(made, 6) == []


def test_every_number_in_a_draft_is_one_of_the_tables_or_a_ratio_of_two():
    known = set()
    for table in REAL.tables:
        for row in table.rows:
            for value, column in zip(row.values, table.columns, strict=True):
                if isinstance(value, Quantity):
                    text = f"{words(value, column.kind)} {spread(value, column.kind)} {figure(value, column.kind)}"
                    known |= set(NUMBER.findall(text.replace("\u2013", " ")))
    for part in range(1, 6):
        for _, answer in questions(REAL, part):
            # Ratios of two; what is attained in training, three times the work of inference by its rate; the spread of
            # what follows from a time; the part of the files that are no weights; and the widest of the intervals.
            derived = (
                r"[\d.,]+( \([^)]*\))? times",
                r"[\d.,]+ GFLOP/s( \([^)]*\))?",
                r"[\d.,]+%? \([^)]*\)(?= (of what|of the roof|of a call|of the latter))",
                r"attains [^%]*% \([^)]*\)",
                r"less than about [\d.]+ points",
            )
            plain = re.sub("|".join(derived), "", answer).replace("\u2013", " ")
            # A gain is what a loss below zero is called, and a change of accuracy has the other sign.
            known |= {f"{sign}{each.lstrip('+-')}" for each in known for sign in ("", "+", "-")}
            assert set(NUMBER.findall(plain)) <= known, answer


def test_a_run_without_a_gpu_says_so_instead_of_comparing():
    assert f"CNN, GPU; FCNN, GPU (not measured: {NO_GPU.reason})" in draft(REAL, 1, 1)


def test_with_a_gpu_the_platforms_are_compared():
    found = draft(worksheet(RUNS["cpu and gpu"]), 1, 1)
    assert "times as fast as on lab-pc-07 CPU" in found
    assert "NVIDIA T4" in found


def test_an_empty_worksheet_has_nothing_to_answer_from():
    assert draft(worksheet([]), 5, 1) == "This run measured nothing that answers it."


def test_differences_within_the_spread_are_called_no_clear_difference():
    typical = {"cnn-cpu-b1-keras": 1e-3, "cnn-cpu-b32-keras": 32e-3, "cnn-cpu-b1-tflite_float32": 1e-4}
    inference = [at(f"latency/{key}", timed(seconds)) for key, seconds in typical.items()]
    made = worksheet([run(*inference, at("latency/cnn.pruned80-cpu-b1-tflite_float32", timed(1e-4)))])
    assert "no clear difference" in draft(made, 1, 2)
    assert "did not grow" not in draft(made, 1, 2)
    assert "no clear difference in latency from the original in that format" in draft(made, 3, 3)


def test_kernels_are_called_dense_only_where_a_pruned_model_takes_as_long_as_its_original():
    def answer(pruned_s):
        cells = {"cnn-cpu-b1-tflite_float32": 1e-4, "cnn.pruned80-cpu-b1-tflite_float32": pruned_s}
        return draft(worksheet([run(*(at(f"latency/{key}", timed(s)) for key, s in cells.items()))]), 3, 3)

    assert "kernels that ran are dense" in answer(1e-4)
    assert "kernels that ran are dense" not in answer(3e-5)


def test_losses_are_clear_only_when_their_interval_leaves_zero():
    verdicts = {
        Quantity(0.01, 0.005, 0.02): "a clear loss",
        Quantity(-0.01, -0.02, -0.005): "a clear gain",
        Quantity(0.01, -0.005, 0.02): "no clear difference",
        Quantity(0.01): "no clear difference",
    }
    for loss, verdict in verdicts.items():
        (said,) = clear_loss(loss)
        assert sentence(said).startswith(verdict)
    assert clear_loss(NotMeasured("no control")) == ()


def test_a_difference_that_is_not_clear_is_the_change_of_accuracy():
    (said,) = clear_loss(Quantity(0.0015, -0.0007, 0.0037))
    assert sentence(said) == "no clear difference, -0.15 points (-0.37 to +0.07)"
    (said,) = clear_loss(Quantity(0.0, -0.001, 0.001))
    assert sentence(said) == "no clear difference, 0.00 points (-0.10 to +0.10)"
    sizes = {"keras": 1_700_000, "tflite_int8": 430_000}
    files = (at(f"examine/cnn-cpu-{fmt}", weighed(right, sizes[fmt])) for fmt, right in LOST.items())
    made = worksheet([run(*files)])
    assert "Accuracy against the original: no clear difference, -0.05 points" in draft(made, 2, 1)
    assert "with TFLite (Int8) no clear difference, -0.05 points" in draft(made, 2, 2)


def test_a_sentence_with_a_figure_that_was_not_measured_is_not_said():
    assert say("{a} of {b}", a=(Quantity(1), "count"), b=(NotMeasured("no"), "count")) == ()
    assert say("{a} of {b}", a=(Quantity(1), "count"), b=(Failed("no"), "count")) == ()
    (said,) = say("{a} of {b}", a=(Quantity(1), "count"), b="{braces}")
    assert sentence(said) == "1 of {braces}"


def test_a_balance_prefers_what_loses_nothing_clearly():
    keys = {"keras": (1950, 1000), "tflite_float16": (1950, 500), "tflite_int8": (1700, 250)}
    made = worksheet([run(*(at(f"examine/cnn-cpu-{form}", weighed(*about)) for form, about in keys.items()))])
    assert "the best balance is TFLite (Float16): 50.0% smaller" in draft(made, 2, 1)


def test_an_int8_without_figures_is_not_described():
    made = worksheet([run(at("examine/cnn-cpu-tflite_int8", Failed("no converter")))])
    assert draft(made, 2, 3) == "This run measured nothing that answers it."
    assert "failed: no converter" in draft(made, 2, 1)


def test_formats_of_one_size_and_loading_time_are_not_ranked():
    made = worksheet([run(*(at(f"examine/cnn-cpu-{form}", weighed()) for form in ("keras", "onnx")))])
    assert "every format measured has 1.70 MB" in draft(made, 4, 1)
    assert "in every format measured" in draft(made, 4, 2)


def test_nothing_below_1_mb_is_said():
    made = worksheet([run(at("examine/cnn-cpu-keras", weighed(disk=2_000_000)))])
    assert draft(made, 5, 2) == "Nothing measured is below 1 MB; the smallest is CNN, Keras (H5)."


def test_loading_times_that_differ_are_ranked():
    slow = replace(weighed(), loading=Loading((0.5, 0.6)))
    made = worksheet([run(at("examine/cnn-cpu-keras", slow), at("examine/cnn-cpu-onnx", weighed()))])
    assert "ONNX loads the CNN fastest, in 20.0 ms" in draft(made, 4, 2)


def sized(sizes, *calls):
    """Question 4.1 of CNNs of these sizes in bytes by format, and of calls by format and batch size."""
    files = [at(f"examine/cnn-cpu-{fmt}", weighed(disk=disk)) for fmt, disk in sizes.items()]
    timings = [at(f"latency/cnn-cpu-b{size}-{fmt}", timed(1e-4, batch=size)) for fmt, size in calls]
    return draft(worksheet([run(*files, *timings)]), 4, 1)


def test_what_formats_keep_besides_weights_is_known_by_calls_of_any_format_of_their_precision():
    calls = [("keras", 1), ("tflite_float32", 32), ("tflite_int8", 32)]
    text = sized({"keras": 1_712_345, "onnx": 1_702_000}, *calls)
    assert (
        "keep the same weights, 1.70 MB; structure and names take 2.00 kB in the one and 12.3 kB in the other" in text
    )


def test_without_two_batch_sizes_the_kernels_are_those_that_were_counted():
    text = sized({"keras": 1_712_345, "onnx": 1_702_000}, ("keras", 1))
    assert (
        "keep the same kernels, 1.68 MB; biases, structure and names take 22.0 kB in the one and 32.3 kB in the other"
        in text
    )
    assert "With the same weights in each, formats differ little." in text


def test_sizes_that_three_digits_do_not_tell_apart_say_by_how_much_they_differ():
    text = sized({"keras": 1_690_900, "onnx": 1_690_000, "tfjs": 1_690_800, "tflite_float32": 1_690_000})
    assert text.startswith(
        "For the CNN, TensorFlow Lite is smallest with 1.69 MB, 99.9% of the original; ONNX and TensorFlow.js are less "
        "than 0.1% larger; Keras (H5) is largest with 1.69 MB, less than 0.1% larger."
    )
    assert "; ONNX is of the same size; Keras" in sized({"keras": 2, "tflite_float32": 1, "onnx": 1})


def test_formats_differ_in_size_and_in_time_by_the_same_formats():
    seconds = {"keras": 1e-3, "onnx": 1e-4, "tflite_int8": 1e-6}
    sizes = {"keras": 1000, "onnx": 500, "tfjs": 250, "tflite_int8": 10}
    unloaded = replace(weighed(disk=1), loading=None)
    made = worksheet(
        [
            run(
                *(at(f"examine/cnn-cpu-{fmt}", weighed(disk=disk)) for fmt, disk in sizes.items()),
                at("examine/cnn-cpu-saved_model", unloaded),
                *(at(f"latency/cnn-cpu-b1-{fmt}", timed(taken)) for fmt, taken in seconds.items()),
                at("latency/cnn-cpu-b1-saved_model", timed(1e-7)),
            )
        ]
    )
    spread = r"\([\d.\u2013]+\)"
    assert re.match(
        rf"Time: formats of the CNN differ by 4\.00 times in size, and 1\.0+ {spread} times in loading and 10\.0 "
        rf"{spread} times in latency \(2 of the 3 were timed\)\.",
        draft(made, 4, 2),
    )


def test_there_is_no_ratio_to_a_figure_of_zero():
    one, none = (Figure(Row("r", "R", ()), Quantity(value), "rate") for value in (2.0, 0.0))
    assert sentence(versus(one, none, "ONNX", "throughput")) == "no ratio to the throughput of ONNX, which is zero"


def test_a_platform_alone_is_not_compared_and_the_reason_for_the_other_is_given():
    text = draft(REAL, 1, 1)
    assert text.startswith("Training was timed on CPU only, so that this run does not show which platform")
    assert text.endswith("lab4 worksheet makes one worksheet of both run files.")
    assert "figures do not say why" not in text
    assert "about three times the operations of inference" in text


def test_training_says_on_how_many_cores_it_ran_and_so_does_inference():
    def answer(*threads, cores=4):
        on = replace(machine(), threads=threads, logical_cores=cores)
        return draft(worksheet([realistic(70, on=on)]), 1, 1)

    attained = r"[\d.]+ GFLOP/s \([\d.\u2013]+\)"
    text = answer(("tensorflow intra-op", "all cores"))
    assert re.search(
        rf"CNN attains {attained} in training on CPU, on 4 cores \([\d.]+ GFLOP/s by each\), and {attained} in "
        r"inference at batch 32, on 1 core\.",
        text,
    )
    assert "at which rate" not in text
    assert re.search(rf"{attained} in training on CPU, and {attained} in inference at batch 32, on 1 core", answer())
    assert "in training on CPU, on 1 core, and" in answer(("tensorflow intra-op", "all cores"), cores=1)
    assert "in training on CPU, and" in answer(("tensorflow intra-op", "all cores"), cores=0)
    assert "in training on CPU, on 2 cores (" in answer(("tensorflow intra-op", "2"))
    assert "in training on CPU, on 4 cores (" in answer(("tensorflow intra-op", "64"))
    assert "in training on CPU, and" in answer(("tensorflow intra-op", "9" * 5000))


def test_a_batch_size_is_explained_by_what_does_not_depend_on_it():
    text = draft(REAL, 1, 2)
    assert re.match(r"On CPU the CNN reaches [\d.]+ \([^)]*\) times the samples/second of batch 1 at batch 32;", text)
    assert re.search(r"That part is [\d.]+% \([^)]*\) of a call of the CNN at batch 1 on CPU", text)


def test_the_better_use_of_hardware_is_a_share_of_the_roof_and_not_of_samples():
    text = draft(REAL, 1, 3)
    attained = r"it attains [\d.]+ GFLOP/s \([^)]*\), [\d.]+% \([^)]*\) of the roof"
    assert re.match(f"On CPU at batch 32 the FCNN uses the hardware better: {attained}", text)
    assert "operations for each byte that it moves and is bound by" in text


def test_int8_is_compared_with_float32_in_its_own_runtime_with_an_interval():
    assert re.search(
        r"At batch 1 it is [\d.]+ \([\d.\u2013]+\) times as fast as float32 in the same runtime", draft(REAL, 2, 3)
    )


def test_int8_that_is_not_faster_says_why():
    keys = {"tflite_float32": 1e-3, "tflite_int8": 2e-3}
    made = worksheet(
        [
            run(
                at("examine/cnn-cpu-keras", weighed()),
                *(at(f"examine/cnn-cpu-{form}", weighed()) for form in keys),
                *(at(f"latency/cnn-cpu-b1-{form}", timed(seconds)) for form, seconds in keys.items()),
            )
        ]
    )
    assert re.search(r"it is not faster: 0\.5\d* .*the speed of float32 in the same runtime", draft(made, 2, 3))


def test_pruning_does_not_claim_that_a_file_became_smaller():
    text = draft(REAL, 3, 1)
    assert re.search(r"is no smaller on disk, but [\d.]+% smaller gzipped: 80.0% of its weights are zero", text)
    assert "The file itself would shrink" in text


def test_one_artifact_that_wins_everything_is_no_mistake():
    keys = {"keras": (1950, 1000), "tflite_int8": (1950, 250)}
    made = worksheet(
        [
            run(
                *(at(f"examine/cnn-cpu-{form}", weighed(*about)) for form, about in keys.items()),
                at("latency/cnn-cpu-b1-tflite_int8", timed(1e-4)),
                at("latency/cnn-cpu-b1-keras", timed(1e-3)),
            )
        ]
    )
    text = prose(made)
    assert text.startswith("CNN, TFLite (Int8) is best for all five priorities. That is no mistake")
    assert "75.0% smaller" in text
    assert not [block for block in REAL.sections[4].blocks if isinstance(block, Prose)]


def prose(made):
    """What is said of Part 5's choices as a whole."""
    (found,) = [block for block in made.sections[4].blocks if isinstance(block, Prose)]
    return " ".join(map(sentence, found.sentences))


def one_winner(control=1928, *others):
    """A pruned file of the CNN wins everything, with 36 more right than the original of 1,904."""
    cells = {
        "cnn-cpu-keras": (1904, 1000, 1e-3),
        "cnn.finetuned-cpu-keras": (control, 1000, 1e-3),
        "cnn.pruned80-cpu-tflite_int8": (1940, 250, 1e-4),
        **dict(others),
    }
    return worksheet(
        [
            run(
                *(at(f"examine/{key}", weighed(right, size)) for key, (right, size, _) in cells.items()),
                *(
                    at(f"latency/{key.replace('-cpu-', f'-cpu-b{batch}-')}", timed(seconds))
                    for key, (_, _, seconds) in cells.items()
                    for batch in (1, 32)
                ),
            )
        ]
    )


def test_a_smaller_and_faster_file_that_loses_too_much_is_named_with_its_loss():
    text = prose(one_winner(1928, ("fcnn-cpu-tflite_int8", (1850, 100, 1e-5))))
    assert text.startswith("CNN, Pruned Model (80%), TFLite (Int8) is best for all five priorities. It is 75.0% ")
    assert "no mistake" not in text
    assert re.search(
        r"A smaller and faster file exists, FCNN, TFLite \(Int8\), with 0\.000100 MB and 0\.0\d+ ms at batch 1\. "
        r"Against that original it loses 2\.7 points \([\d.\u2013]+\), more than the rules allow\.$",
        text,
    )


def test_a_file_that_is_only_smaller_and_one_that_is_only_faster_are_named_each():
    text = prose(one_winner(1928, ("fcnn-cpu-tflite_int8", (1850, 100, 1e-3)), ("fcnn-cpu-onnx", (1800, 2000, 1e-5))))
    assert "A smaller file exists, FCNN, TFLite (Int8), with " in text
    assert re.search(r"A faster file exists, FCNN, ONNX, with [\d.]+ MB and [\d,]+ samples/s at batch 32\.", text)


@pytest.mark.parametrize(
    ("control", "said"),
    [
        (1928, r", of which 1\.2 points \([\d.\u2013]+\) come from training on, as the control shows"),
        (1950, r", all of it from training on: the control gained 2\.3 points \([\d.\u2013]+\)"),
        (1905, "(?!,)"),
    ],
)
def test_a_gain_says_how_much_of_it_its_control_has_too(control, said):
    made = one_winner(control)
    texts = (prose(made), draft(made, 4, 3), draft(made, 5, 2), draft(made, 5, 3))
    gain = r"a clear gain of 1\.8 points \([\d.\u2013]+\)"
    assert all(re.search(gain + said, text) for text in texts)


def test_a_winner_says_by_how_much_it_is_ahead_of_the_runner_up():
    leads = [cell(REAL, "choices", name, "lead") for name in ("Highest Accuracy", "Smallest Size", "Mobile Deployment")]
    assert leads[0].text.startswith("as many right, ")
    assert re.match(r"[\d.]+% smaller; next: ", leads[1].text)
    assert re.search(r", as fast within 8%; next: ", leads[2].text)


def test_models_that_use_the_hardware_alike_within_their_spreads_are_not_ranked():
    def roof(cnn_s, fcnn_s):
        full = realistic(70)
        seconds = {"cnn": cnn_s, "fcnn": fcnn_s}
        cells = tuple(
            replace(each, outcome=replace(each.outcome, latency=timed(seconds[each.cell.model]).latency))
            if each.cell.id in {"cnn-cpu-b32-keras", "fcnn-cpu-b32-keras"}
            else each
            for each in full.measurements
        )
        return draft(worksheet([replace(full, measurements=cells)]), 1, 3)

    assert "uses the hardware better" in roof(16e-3, 1e-3)
    assert "no model uses the hardware clearly better" in roof(16e-3, 15.9e-3)


def weighed_in(keys, **timings):
    """A worksheet of CNNs in formats, each with so many right and so many bytes, and of latencies by format."""
    files = [at(f"examine/cnn-cpu-{form}", weighed(*about)) for form, about in keys.items()]
    return worksheet([run(*files, *(at(f"latency/cnn-cpu-b1-{form}", timed(each)) for form, each in timings.items()))])


def test_where_everything_smaller_loses_clearly_what_loses_least_is_named_and_not_called_a_balance():
    made = weighed_in({"keras": (1950, 1000), "tflite_float16": (1800, 500), "tflite_int8": (1700, 250)})
    text = draft(made, 2, 1)
    assert "everything smaller loses accuracy clearly. TFLite (Float16) loses least: 50.0% smaller" in text
    assert "best balance" not in text


def test_the_original_alone_is_no_balance():
    assert "best balance" not in draft(weighed_in({"keras": (1950, 1000)}), 2, 1)


def test_one_file_below_1_mb_is_said_in_the_singular():
    made = weighed_in({"keras": (1950, 2_000_000), "tflite_int8": (1950, 500_000)})
    assert "1 of 2 candidates is below 1 MB on disk." in draft(made, 5, 2)


def test_a_single_candidate_has_won_nothing():
    made = weighed_in({"keras": (1950, 1000)}, keras=1e-3)
    assert not [block for block in made.sections[4].blocks if isinstance(block, Prose)]


def trainings(*epochs, batch=128, nodes=("one", "two")):
    """Runs of machines, in which an epoch of the CNN takes so many seconds."""
    return [
        run(
            at(f"train/cnn-cpu-b{batch}-keras", trained(epoch)),
            on=machine(node),
            started_at=f"2026-03-0{number}T10:00:00+00:00",
        )
        for number, (node, epoch) in enumerate(zip(nodes, epochs, strict=True), 1)
    ]


def test_machines_are_platforms_that_rank_in_training():
    made = worksheet(trainings((4.1, 3.9, 4.0), (8.1, 7.9, 8.0)))
    text = draft(made, 1, 1)
    assert re.search(
        r"The CNN trained fastest on .*one.*, with 4\.0\d* .* an epoch: .* times as fast as on .*two", text
    )
    assert "so that this run does not show" not in text


def test_platforms_within_their_spreads_are_about_equally_fast():
    text = draft(worksheet(trainings((4.1, 3.9, 4.0), (4.0, 4.2, 3.8))), 1, 1)
    assert re.search(r"The CNN trained about equally fast on .*one.* and .*two", text)


def test_every_batch_size_of_training_is_ranked_by_itself():
    small, large = (trainings((4.1, 3.9, 4.0), (8.1, 7.9, 8.0), batch=size) for size in (64, 128))
    runs = [
        replace(one, measurements=(*one.measurements, *other.measurements))
        for one, other in zip(small, large, strict=True)
    ]
    text = draft(worksheet(runs), 1, 1)
    for size in (64, 128):
        assert f"The CNN in batches of {size} trained fastest on" in text
