from lab4_examples import latency as example_latency
from lab4_examples import table_of
from worksheet_cases import REAL, cell, filled
from worksheet_factory import at, run, trained, weighed

from lab4.analysis.tables import NotMeasured, Quantity
from lab4.domain.observed import Training
from lab4.domain.outcome import Measured


def test_training_time_is_the_sum_of_the_epochs_without_the_first_step():
    made = filled([run(at("train/cnn-cpu-b128-keras", trained((4.0, 5.0, 3.0))))])
    assert cell(made, "training", "CNN, CPU", "training_time") == Quantity(12.0, 9.0, 15.0)
    assert cell(made, "training", "CNN, CPU", "rate") == Quantity(2000.0, 1600.0, 8000 / 3)


def test_one_epoch_has_no_spread():
    made = filled([run(at("train/cnn-cpu-b128-keras", trained((4.0,))))])
    assert cell(made, "training", "CNN, CPU", "training_time") == Quantity(4.0)
    assert cell(made, "training", "CNN, CPU", "rate") == Quantity(2000.0)


def test_training_too_short_for_the_clock_has_no_rate():
    made = filled([run(at("train/cnn-cpu-b128-keras", trained((0.0, 1.0))))])
    assert isinstance(cell(made, "training", "CNN, CPU", "rate"), NotMeasured)


def test_training_without_an_epoch_is_not_measured():
    training = Training((), 1.0, 8000, 128, 0, "ab" * 32)
    made = filled([run(at("train/cnn-cpu-b128-keras", Measured(training=training)))])
    assert isinstance(cell(made, "training", "CNN, CPU", "training_time"), NotMeasured)


def test_two_training_batch_sizes_and_a_further_device_are_rows_of_their_own():
    keys = ("cnn-cpu-b128-keras", "cnn-cpu-b64-keras", "cnn-tpu-b128-keras")
    made = filled([run(*(at(f"train/{key}", trained()) for key in keys))])
    names = [row.name for row in table_of(made, "training").rows]
    assert names[:4] == ["CNN, cnn-cpu-b128-keras", "CNN, cnn-cpu-b64-keras", "CNN, GPU", "CNN, tpu"]


def test_a_latency_is_the_median_from_p25_to_p75():
    samples = tuple(float(number) for number in range(1, 102))
    made = filled([run(at("latency/cnn-cpu-b32-keras", Measured(latency=example_latency(samples))))])
    row = "CNN, CPU, batch 32"
    assert cell(made, "inference", row, "time") == Quantity(51.0, 26.0, 76.0)
    assert cell(made, "inference", row, "rate") == Quantity(32 / 51, 32 / 76, 32 / 26)
    every = "CNN, Keras (H5), CPU, batch 32"
    assert cell(made, "inference_all", every, "p90") == Quantity(91.0)
    assert cell(made, "inference_all", every, "p99") == NotMeasured("too few calls")


def test_a_latency_of_zero_has_no_rate_and_is_no_candidate_for_the_server():
    zero = Measured(latency=example_latency((0.0, 0.0)))
    keys = ("latency/cnn-cpu-b32-keras", "latency/cnn-cpu-keras")
    made = filled([run(*(at(key, zero) for key in keys), at("examine/cnn-cpu-keras", weighed()))])
    assert isinstance(cell(made, "inference", "CNN, CPU, batch 32", "rate"), NotMeasured)
    assert isinstance(cell(made, "choices", "Server Deployment", "best"), NotMeasured)
    assert isinstance(cell(made, "inference_all", "CNN, Keras (H5), CPU", "rate"), NotMeasured)


def test_model_predict_is_a_row_of_its_own_beside_the_compiled_function():
    compiled = cell(REAL, "inference_all", "CNN, Keras (H5), CPU, batch 1", "time")
    predict = cell(REAL, "inference_all", "CNN, Keras (H5), model.predict, CPU, batch 1", "time")
    assert predict.value > 10 * compiled.value
    assert cell(REAL, "inference", "CNN, CPU, batch 1", "time") == compiled
