"""What a reader is told where a run holds something that the form does not print: each was told wrongly once."""

from dataclasses import replace

import pytest
from lab4_examples import table_of
from worksheet_cases import MLP, draft, filled, questions
from worksheet_factory import CATALOGUE, at, realistic, run, timed, trained, weighed

from lab4.analysis.tables import NotMeasured
from lab4.domain.catalogue import FormatTraits, ModelTraits, Promise, TechniqueTraits
from lab4.report.units import sentence
from lab4.worksheet import has_form_cells

ONNX_INT8 = FormatTraits(
    "onnx_int8", "ONNX (Int8)", "onnx", "int8", "int8", ("onnxruntime",), targets=("mobile", "server")
)
CLUSTERED = TechniqueTraits(
    "clustered16", "Clustered Model (16)", "clustering", (Promise("distinct_weights", "distinct weights", at_most=16),)
)
SECOND_CONTROL = TechniqueTraits("tuned5", "Second control", "control")
OWN = ModelTraits("MobileNetV2", "MobileNetV2", "classification", "onnx")
STRANGE = replace(
    CATALOGUE,
    models={**CATALOGUE.models, "MobileNetV2": OWN, "mlp": MLP},
    techniques={**CATALOGUE.techniques, "clustered16": CLUSTERED, "tuned5": SECOND_CONTROL},
    formats={
        **CATALOGUE.formats,
        "onnx_int8": ONNX_INT8,
        "mystery": FormatTraits("mystery", "Mystery", runtimes=("onnxruntime",)),
    },
)


def with_cells(**outcomes):
    """A full run, and further cells."""
    full = realistic(70, catalogue=STRANGE)
    further = tuple(at(key, outcome) for key, outcome in outcomes.items())
    return filled([replace(full, measurements=full.measurements + further)])


def every_sentence(made):
    drafts = [answer for part in range(1, 6) for _, answer in questions(made, part)]
    prose = [sentence(one) for section in made.sections for block in section.blocks for one in _prose(block)]
    return " ".join([*drafts, *prose])


def _prose(block):
    return getattr(block, "sentences", ())


CLUSTERING = {
    "examine/cnn.clustered16-cpu-keras": weighed(1950, 1_703_000, 300_000),
    "examine/cnn.clustered16-cpu-tflite_int8": weighed(1945, 430_000, 90_000),
    "latency/cnn.clustered16-cpu-b1-tflite_int8": timed(28e-6, "int8", calls=70),
}


def test_a_clustering_technique_stands_under_its_own_kind_with_its_promise():
    made = with_cells(**CLUSTERING)
    table = table_of(made, "technique_clustering_cnn")
    assert table.title == "CNN after clustering"
    assert [row.name for row in table.rows] == [
        "Original Model",
        "Clustered Model (16)",
        "Clustered (16) + TFLite (Int8)",
    ]
    assert table.value(table.rows[1], "promises").text == "distinct weights: at most 16"
    assert "It promises distinct weights: at most 16." in every_sentence(made)


def test_a_clustering_technique_is_never_called_pruned_nor_said_to_have_zeros():
    made = with_cells(**CLUSTERING)
    assert not any("lustered" in row.name for row in table_of(made, "pruning_cnn").rows)
    for number in (1, 2, 3):
        assert "lustered" not in draft(made, 3, number)
    # The pruned model is still said to be pruned.
    assert "smaller gzipped: 80.0% of its weights are zero" in draft(made, 3, 1)


ONNX = {
    "examine/cnn-cpu-onnx_int8": weighed(1949, 430_000),
    "examine/cnn.pruned80-cpu-onnx_int8": weighed(1940, 430_000, 100_000, zeros=336_000),
    "latency/cnn-cpu-b1-onnx_int8": timed(24e-6, "int8", calls=70),
}


def test_an_onnx_int8_file_stands_as_quantized_next_to_tflites_with_its_runtime_and_latency():
    made = with_cells(**ONNX)
    assert "ONNX (Int8)" in {row.name for row in table_of(made, "quantization_cnn").rows}
    answer = draft(made, 2, 3)
    assert "TFLite (Int8), which runs in LiteRT, has 0.436 MB" in answer
    assert "ONNX (Int8), which runs in ONNX Runtime, has 0.430 MB" in answer
    assert answer.count("times as fast as float32 in the same runtime") == 3  # TFLite's of both models, and this one


def test_two_int8_files_of_a_pruned_model_have_names_that_differ_in_their_format():
    names = [row.name for row in table_of(with_cells(**ONNX), "pruning_cnn").rows]
    assert "Pruned (80%) + Int8 Quantization, TFLite (Int8)" in names
    assert "Pruned (80%) + ONNX (Int8)" in names


def test_an_onnx_file_for_phones_can_win_the_mobile_choice():
    choices = table_of(with_cells(**ONNX), "choices")
    assert choices.value(choices.rows[3], "best").text == "CNN, ONNX (Int8)"
    assert draft(with_cells(**ONNX), 4, 3).startswith("CNN, ONNX (Int8): ")


def test_a_second_control_is_no_candidate_and_stands_as_a_control():
    made = with_cells(**{"examine/cnn.tuned5-cpu-keras": weighed(1999, 1_703_000)})
    assert "Second control" in {row.name for row in table_of(made, "pruning_cnn").rows}
    assert not any("tuned5" in row.key for row in table_of(made, "candidates").rows)
    assert "Second control" not in every_sentence(made)


def own_model(**outcomes):
    measured = {
        "latency/MobileNetV2-cpu-b1-onnx": timed(5e-3, calls=70),
        "latency/MobileNetV2-cpu-b1-onnx_int8": timed(2e-3, "int8", calls=70),
        "examine/MobileNetV2-cpu-onnx": weighed(1900, 14_000_000),
        "examine/MobileNetV2-cpu-onnx_int8": weighed(1890, 3_600_000),
    }
    return run(*(at(key, outcome) for key, outcome in {**measured, **outcomes}.items()), catalogue=STRANGE)


def test_with_a_model_of_ones_own_the_form_names_it_and_no_empty_row_of_another():
    made = filled([own_model()])
    rows = [row for table in made.tables for row in table.rows]
    assert not any("CNN" in row.name for row in rows)
    assert {"quantization_MobileNetV2", "deployment_MobileNetV2"} <= {table.key for table in made.tables}
    assert "pruning_MobileNetV2" not in {table.key for table in made.tables}
    assert [row.name for row in table_of(made, "inference").rows] == ["MobileNetV2, CPU, batch 1"]
    assert not has_form_cells([own_model()])
    assert "CNN" not in every_sentence(made)


def test_an_original_is_of_its_own_format_and_what_is_made_of_it_is_compared_with_it():
    made = filled([own_model()])
    table = table_of(made, "quantization_MobileNetV2")
    assert [row.name for row in table.rows] == ["Original Model", "ONNX (Int8)"]
    assert table.value(table.rows[1], "loss").value == pytest.approx(0.005)
    assert not any("optimizer" in note for note in table.notes)
    assert table_of(made, "choices").rows[0].cell.format == "onnx"


def test_the_comparison_of_models_is_asked_of_those_that_are_there():
    assert "CNN or FCNN" in questions(filled([]), 1)[2][0]
    assert questions(filled([own_model()]), 1)[2][0] == "How well did the MobileNetV2 use the hardware?"
    two = own_model(**{"latency/mlp-cpu-b1-keras": timed(1e-3, calls=70)})
    asked, answer = questions(filled([two]), 1)[2]
    assert "MobileNetV2, mlp" in asked.replace(" or MLP", ", mlp")
    assert "the MLP reached" in answer


def test_one_model_of_the_form_alone_leaves_the_forms_other_rows_not_measured():
    made = filled([realistic(70, models=("cnn",))])
    table = table_of(made, "training")
    assert [row.name for row in table.rows] == ["CNN, CPU", "CNN, GPU", "FCNN, CPU", "FCNN, GPU"]
    assert table.value(table.rows[2], "rate") == NotMeasured("not in this run")
    assert questions(made, 1)[2][0] == "How well did the CNN use the hardware?"
    assert "of the roof" in draft(made, 1, 3)


def test_other_batch_sizes_leave_no_table_empty_and_the_rules_say_which_they_took():
    full = realistic(70, catalogue=STRANGE)
    timings = {
        f"latency/cnn-cpu-b{batch}-{fmt}": timed(seconds * batch, calls=70)
        for batch in (2, 64)
        for fmt, seconds in (("keras", 1e-3), ("tflite_int8", 1e-4))
    }
    examined = tuple(each for each in full.measurements if each.cell.kind == "examine")
    made = filled([replace(full, measurements=(*examined, *(at(k, v) for k, v in timings.items())))])
    assert "CNN, CPU, batch 64" in {row.name for row in table_of(made, "inference").rows}
    rules = table_of(made, "rules")
    assert [column.name for column in rules.columns][3:5] == ["Comparison Latency, Batch 2", "Samples/Second, Batch 64"]
    assert "at batch 2;" in rules.value(rules.rows[3], "rule").text
    assert rules.value(rules.rows[4], "best").text == "CNN, TFLite (Int8)"
    assert "in samples/second from batch 2 at batch 64" in draft(made, 1, 2)


def test_a_size_without_an_original_is_not_said_to_be_a_share_of_it():
    made = filled([run(at("examine/cnn-cpu-onnx", weighed()), at("examine/cnn-cpu-tflite_float32", weighed(disk=9)))])
    assert "not measured" not in draft(made, 4, 1).partition("No figure")[0]
    assert "TensorFlow Lite is smallest with 0.00000900 MB; ONNX is largest" in draft(made, 4, 1)


def test_one_format_is_not_compared_with_itself():
    made = filled([run(at("latency/cnn-cpu-b1-onnx", timed(5e-3, calls=70)), at("examine/cnn-cpu-onnx", weighed()))])
    assert "only ONNX was timed" in draft(made, 4, 2)
    assert "only the loading of ONNX was measured" in draft(made, 4, 2)
    assert "only ONNX was measured" in draft(made, 4, 1)


def test_a_format_without_the_traits_that_a_table_needs_is_named_there_and_the_other_rows_stand():
    made = with_cells(
        **{"examine/cnn-cpu-mystery": weighed(1949, 430_000), "latency/cnn-cpu-b1-mystery": timed(1e-3, calls=70)}
    )
    for key, trait in (("quantization_cnn", "container"), ("deployment_cnn", "precision"), ("choices", "targets")):
        found = table_of(made, key)
        assert sum(f"the format 'mystery' does not declare its {trait}" in note for note in found.notes) == 1
        assert len(found.rows) >= 4
    assert "Mystery" in {row.name.split(", ")[1] for row in table_of(made, "candidates").rows}


def test_a_device_that_does_not_say_whether_it_is_the_host_is_named_where_the_choice_for_phones_needs_it():
    made = with_cells(**{"latency/cnn-npu-b1-tflite_int8": timed(1e-6, calls=70)})
    notes = table_of(made, "choices").notes
    assert any("the device 'npu' does not declare whether it is host" in note for note in notes)
    rules = table_of(made, "rules")
    assert rules.value(rules.rows[3], "latency").value > 1e-6


def test_a_model_without_a_format_that_it_is_given_in_has_no_original_and_a_note_says_so():
    bare = replace(STRANGE, models={"bare": ModelTraits("bare", "Bare")})
    cells = (at("examine/bare-cpu-onnx", weighed()), at("examine/bare-cpu-onnx_int8", weighed(1940)))
    table = table_of(filled([run(*cells, catalogue=bare)]), "quantization_bare")
    assert any("does not declare its original format" in note for note in table.notes)
    assert len(table.rows) == 2


def test_a_technique_without_a_kind_is_no_pruning():
    bare = replace(STRANGE, techniques={"odd": TechniqueTraits("odd", "Odd Model")})
    cells = (at("examine/cnn-cpu-keras", weighed()), at("examine/cnn.odd-cpu-keras", weighed(1940)))
    made = filled([run(*cells, catalogue=bare)])
    assert "Odd Model" in {row.name for row in table_of(made, "technique_other_cnn").rows}
    assert "Odd" not in draft(made, 3, 1)


def test_a_runtime_that_stands_in_for_another_is_noted_only_where_there_is_one():
    def notes(made):
        return [note for note in table_of(made, "deployment_cnn").notes if "loaded here by" in note]

    assert len(notes(with_cells())) == 1
    native = replace(STRANGE.runtimes["tfjs_loader"], is_native=True)
    full = realistic(70, catalogue=replace(STRANGE, runtimes={**STRANGE.runtimes, "tfjs_loader": native}))
    assert notes(filled([full])) == []


def test_a_run_without_a_cell_that_has_a_row_in_the_form_is_not_the_forms():
    assert has_form_cells([run(at("train/cnn-gpu-b64-keras", trained()))])
    assert has_form_cells([realistic(70, models=("fcnn",))])
    assert not has_form_cells([run(at("latency/cnn-cpu-b1-onnx", timed(1e-3, calls=70)))])
    assert not has_form_cells([run()])


def test_an_answer_that_needs_an_undeclared_trait_names_the_entry():
    silent = replace(ONNX_INT8, runtimes=())
    full = realistic(70, catalogue=replace(STRANGE, formats={**STRANGE.formats, "onnx_int8": silent}))
    cells = (at("examine/cnn-cpu-onnx_int8", weighed(1949, 430_000)),)
    made = filled([replace(full, measurements=full.measurements + cells)])
    assert "not answered in full: the format 'onnx_int8' does not declare its runtimes" in draft(made, 2, 3)
    assert "ONNX (Int8)" in {row.name for row in table_of(made, "quantization_cnn").rows}
