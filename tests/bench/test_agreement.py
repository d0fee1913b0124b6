"""How far outputs may be from the original's: by the format, and by the device's own rounding."""

import pytest

from lab4.bench.runtime_jobs import checked
from lab4.devices import DEVICES
from lab4.domain.errors import DisagreementError
from lab4.domain.observed import Agreement
from lab4.formats import FORMATS

ROUNDED = Agreement(2.7e-4, 32, 32)


def test_what_tensorfloat_32_rounds_is_no_fault_of_the_artifact():
    assert checked(FORMATS["keras"], DEVICES["gpu"], ROUNDED) is ROUNDED


def test_on_a_cpu_float32_is_float32():
    with pytest.raises(DisagreementError, match=r"on the CPU disagrees .* 0.00027 \(allowed 0.0001\)"):
        checked(FORMATS["keras"], DEVICES["cpu"], ROUNDED)


@pytest.mark.parametrize("found", [Agreement(0.01, 32, 32), Agreement(1e-5, 31, 32)])
def test_a_wrong_artifact_is_told_on_a_gpu_too(found):
    with pytest.raises(DisagreementError, match="on the GPU disagrees"):
        checked(FORMATS["keras"], DEVICES["gpu"], found)


def test_a_format_that_may_differ_more_than_the_device_rounds_still_may():
    coarse = Agreement(FORMATS["tflite_int8"].tolerance.max_abs_difference, 2000, 2000)
    assert checked(FORMATS["tflite_int8"], DEVICES["gpu"], coarse) is coarse
