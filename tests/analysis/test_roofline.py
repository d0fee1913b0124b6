"""Laws of the roofline, and the verdicts that follow from it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.analysis.roofline import (
    PeakRates,
    Roofline,
    RooflinePlace,
    judge,
    overhead_s,
    peak_rates,
    place_of,
    places_of,
)
from lab4.analysis.tables import NotMeasured
from lab4.domain.catalogue import Catalogue, DeviceTraits, MissingTraitError
from lab4.domain.observed import Peak, Work

HERE = RooflinePlace("cpu", 1)
COUNTS = st.integers(1, 10**12)
RATES = st.floats(1e3, 1e15)
SECONDS = st.floats(1e-9, 1e3)
WORKS = st.builds(Work, COUNTS, COUNTS, st.sampled_from(["float32", "int8"]))
ARITHMETICS = st.fixed_dictionaries({"float32": RATES, "int8": RATES})
LEVELS = st.fixed_dictionaries({"memory": RATES}, optional={"cache": RATES})
PEAK_RATES = st.builds(PeakRates, st.just(HERE), ARITHMETICS, LEVELS, st.integers(0, 10**9))
TIMED = st.lists(st.tuples(st.integers(1, 512), SECONDS), unique_by=lambda each: each[0])

RATES_HERE = PeakRates(HERE, {"float32": 200e9, "int8": 800e9}, {"memory": 40e9})
NEAR_CACHE = replace(RATES_HERE, bytes_per_s={"memory": 40e9, "cache": 100e9}, cached_bytes=8_000_000)


def peak(kind, threads=1, work=100, samples_s=(2.0, 1.0, 4.0)):
    return Peak(kind, threads, work, samples_s, "")


@given(WORKS, SECONDS, PEAK_RATES)
def test_the_roof_is_the_lower_of_compute_and_bytes(work, seconds, rates):
    found = judge(work, seconds, rates, 0.0)
    assert found.roof_per_s <= rates.operations_per_s[work.arithmetic]
    bandwidth = rates.bytes_per_s[found.level]
    assert found.roof_per_s <= found.intensity * bandwidth
    assert found.roof_per_s in {rates.operations_per_s[work.arithmetic], found.intensity * bandwidth}


@given(WORKS, SECONDS, PEAK_RATES, st.integers(1, 1000))
def test_the_roof_never_falls_as_intensity_grows(work, seconds, rates, more):
    low, high = (judge(each, seconds, rates, 0.0) for each in (work, replace(work, operations=work.operations * more)))
    assert low.roof_per_s <= high.roof_per_s


@given(WORKS, SECONDS, PEAK_RATES, st.floats(1e-3, 1e3))
def test_the_share_is_free_of_scale(work, seconds, rates, factor):
    """A clock that runs ``factor`` times as fast changes every rate, but no share and no verdict."""
    slower = replace(
        rates,
        operations_per_s={name: rate / factor for name, rate in rates.operations_per_s.items()},
        bytes_per_s={level: rate / factor for level, rate in rates.bytes_per_s.items()},
    )
    assert judge(work, seconds * factor, slower, 0.0).share == pytest.approx(judge(work, seconds, rates, 0.0).share)


@given(WORKS, SECONDS, PEAK_RATES)
def test_what_is_attained_is_the_work_by_the_time(work, seconds, rates):
    found = judge(work, seconds, rates, None)
    assert found.attained_per_s * seconds == pytest.approx(work.operations)
    assert found.share * found.roof_per_s == pytest.approx(found.attained_per_s)


@given(WORKS, SECONDS, PEAK_RATES, st.floats(0, 2))
def test_more_overhead_than_half_is_the_bound_whatever_the_roof(work, seconds, rates, share):
    found = judge(work, seconds, rates, seconds * share)
    assert 0 <= found.overhead_share <= min(1, share * (1 + 1e-9))
    assert (found.bound == "call overhead") == (found.overhead_share > 0.5)


def test_reading_the_weights_is_no_overhead():
    """The FCNN in LiteRT, 11.3 us at batch 1 and 87 us at 32: 8.9 us do not depend on the batch, 9.4 us of bytes."""
    overhead = overhead_s([(1, 11.3e-6), (32, 87e-6)])
    assert overhead / 11.3e-6 > 0.7
    found = judge(Work(469_948, 943_760, "float32"), 11.3e-6, NEAR_CACHE, overhead)
    assert (found.overhead_share, found.bound) == (0, "memory")


@given(TIMED)
def test_overhead_is_part_of_the_smallest_call(timed):
    found = overhead_s(timed)
    assert (found is None) == (len(timed) < 2)
    assert found is None or 0 <= found <= min(timed)[1]


@given(st.integers(1, 64), st.integers(65, 512), st.floats(0, 1), st.floats(1e-6, 1))
def test_overhead_is_found_where_time_is_a_line(small, large, fixed, each):
    assert overhead_s([(large, fixed + large * each), (small, fixed + small * each)]) == pytest.approx(fixed, abs=1e-9)


@pytest.mark.parametrize(
    ("work", "latency_s", "overhead", "bound"),
    [
        (Work(10_000_000, 10_000_000, "float32"), 1e-3, 0.0, "memory"),
        (Work(10_000_000, 1_000, "float32"), 1e-3, 0.0, "compute"),
        # 0.25 ms of what does not depend on the batch are the bytes.
        (Work(10_000_000, 10_000_000, "float32"), 1e-3, 0.8e-3, "call overhead"),
        (Work(10_000_000, 10_000_000, "float32"), 1e-3, 0.7e-3, "memory"),
        # Between the ridge points of the two: 5 operations a byte and 20.
        (Work(10_000_000, 1_000_000, "float32"), 1e-3, 0.0, "compute"),
        (Work(10_000_000, 1_000_000, "int8"), 1e-3, 0.0, "memory"),
    ],
)
def test_a_call_is_bound_by_what_takes_its_time(work, latency_s, overhead, bound):
    assert judge(work, latency_s, RATES_HERE, overhead).bound == bound


def test_with_one_batch_size_the_bound_is_a_reason_and_the_rest_stands():
    found = judge(Work(10_000_000, 10_000_000, "float32"), 1e-3, RATES_HERE, overhead_s([(1, 1e-3)]))
    assert isinstance(found, Roofline)
    assert found.bound == NotMeasured("memory, if not call overhead: one batch size only")
    assert found.share == pytest.approx(0.25)


def test_bytes_that_fit_come_from_the_cache():
    small, large = Work(470_000, 943_000, "float32"), Work(470_000, 8_000_001, "float32")
    assert judge(small, 11e-6, NEAR_CACHE, 0.0).level == "cache"
    assert judge(large, 11e-6, NEAR_CACHE, 0.0).level == "memory"
    assert judge(small, 11e-6, RATES_HERE, 0.0).level == "memory"


def test_faster_than_memory_is_not_bound_by_memory():
    found = judge(Work(470_000, 943_000, "float32"), 11e-6, RATES_HERE, 0.0)
    assert found.share > 1
    assert found.bound == NotMeasured("neither memory nor call overhead: faster than the memory peak")


@pytest.mark.parametrize(
    ("work", "latency_s", "rates", "reason"),
    [
        (
            Work(1, 1, "int8"),
            1.0,
            replace(RATES_HERE, operations_per_s={}),
            "no peaks in int8 with one thread in this run",
        ),
        (
            Work(1, 1, "float32"),
            1.0,
            PeakRates(RooflinePlace("cpu", 2), {"float32": 1.0}, {}),
            "no peaks in float32 with 2 threads in this run",
        ),
        (Work(1, 1, "float16"), 1.0, RATES_HERE, "no peaks in float16 with one thread in this run"),
        (Work(1, 1, "float32"), 0.0, RATES_HERE, "shorter than the clock can measure"),
        (Work(1, 0, "float32"), 1.0, RATES_HERE, "moves no bytes"),
    ],
)
def test_what_cannot_be_placed_says_why(work, latency_s, rates, reason):
    assert judge(work, latency_s, rates, 0.0) == NotMeasured(reason)


def test_a_peak_is_its_work_by_the_fastest_sample():
    found = peak_rates([peak("float32"), peak("int8", work=400), peak("memory", work=50), peak("cache", work=70)], HERE)
    assert found == PeakRates(HERE, {"float32": 100.0, "int8": 400.0}, {"memory": 50.0, "cache": 70.0}, 70)


def test_peaks_of_other_thread_counts_and_without_time_do_not_count():
    peaks = [peak("float32", threads=2), peak("int8", samples_s=()), peak("memory", samples_s=(0.0,))]
    assert peak_rates(peaks, HERE) == PeakRates(HERE, {}, {})


def test_the_better_of_two_peaks_counts():
    assert peak_rates([peak("float32"), peak("float32", work=300)], HERE).operations_per_s == {"float32": 300.0}


CPU, NPU = DeviceTraits("cpu", "CPU", is_host=True), DeviceTraits("npu", "NPU", is_host=False)


def test_only_the_host_has_a_number_of_threads():
    assert place_of(CPU, 4) == RooflinePlace("cpu", 4)
    assert place_of(NPU, 4) == RooflinePlace("npu")
    with pytest.raises(MissingTraitError, match="the device 'dsp' does not declare"):
        place_of(DeviceTraits("dsp", "DSP"), 1)


def test_places_are_those_of_the_peaks_the_hosts_first_and_without_those_that_declare_too_little():
    catalogue = Catalogue(devices={"cpu": CPU, "npu": NPU})
    peaks = [replace(peak("float32"), device=device) for device in ("npu", "dsp", "cpu")] + [peak("int8", threads=4)]
    assert places_of(peaks, catalogue) == [HERE, RooflinePlace("cpu", 4), RooflinePlace("npu")]


def test_an_arithmetic_of_any_name_has_its_roof():
    found = peak_rates([peak("bfloat16"), peak("memory")], HERE)
    assert judge(Work(100, 50, "bfloat16"), 10.0, found, 0.0).share == pytest.approx(0.1)
