"""The processor: its frequency, its temperature, its clock, its instructions and its counters."""

import os

from lab4.doctor.checks import Finding, System, disturbs, good, lacks, unknown

_CPU = "sys/devices/system/cpu"
#: Intel's switch of turbo and every other vendor's, with the value that means "on".
_TURBO_SWITCHES = ((f"{_CPU}/intel_pstate/no_turbo", "0"), (f"{_CPU}/cpufreq/boost", "1"))
_POWER = "sys/class/power_supply"
_CLOCK_SOURCE = "sys/devices/system/clocksource/clocksource0"
#: Read without a system call: tens of nanoseconds, where others take a microsecond.
_FAST_CLOCKS = {"tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter"}
#: Instructions that speed up a matrix product, fastest last.
_FLOAT_INSTRUCTIONS = ("avx", "avx2", "fma", "avx512f", "asimd", "sve")
_INT8_INSTRUCTIONS = ("avx_vnni", "avx512_vnni", "amx_int8", "asimddp", "i8mm")
_RAPL = "sys/class/powercap"
#: Above it some kernels refuse counters even for one's own code.
_MAX_PARANOID = 2


def governor(system: System) -> Finding:
    """Read the frequency governor of every core."""
    governors = system.texts(f"{_CPU}/cpu[0-9]*/cpufreq/scaling_governor")
    if not governors:
        return unknown("the system does not report the cores' frequency (a virtual machine, or no Linux)")
    names = sorted(set(governors.values()))
    if names == ["performance"]:
        return good("all cores use the governor performance")
    return disturbs(
        f"cores use the governor {' and '.join(names)}: their frequency follows the load",
        "sudo cpupower frequency-set -g performance",
    )


def turbo(system: System) -> Finding:
    """Read the driver's switch of turbo."""
    for path, on in _TURBO_SWITCHES:
        value = system.text(path)
        if value == on:
            off = "1" if on == "0" else "0"
            return disturbs(
                "turbo is on: the first seconds are faster than the rest of a minute",
                f"echo {off} | sudo tee /{path} (calls become slower and steadier)",
            )
        if value is not None:
            return good("turbo is off")
    return unknown("the system does not report whether turbo is on")


def heat(system: System) -> Finding:
    """Read how often each core was throttled since boot."""
    counts = system.texts(f"{_CPU}/cpu[0-9]*/thermal_throttle/core_throttle_count")
    numbers = [int(count) for count in counts.values() if count.isdecimal()]
    if not numbers:
        return unknown("the system does not report throttling (a virtual machine, or a processor without the counter)")
    if not any(numbers):
        return good("no core was throttled since boot")
    return disturbs(
        f"cores were throttled {sum(numbers)} times since boot, because they were too hot",
        "improve the cooling, wait until the machine is cool, and turn turbo off",
    )


def power(system: System) -> Finding:
    """Look for a battery that is discharging."""
    if "Discharging" in system.texts(f"{_POWER}/*/status").values():
        return disturbs("this machine runs on battery and saves power", "plug it in")
    if not (system.root / _POWER).is_dir():
        return unknown("the system does not report its power supply")
    return good("not on battery")


def clock(system: System) -> Finding:
    """Read the clock source, which decides what reading the clock costs."""
    current = system.text(f"{_CLOCK_SOURCE}/current_clocksource")
    if current is None:
        return unknown("the system does not report its clock source")
    if current in _FAST_CLOCKS:
        return good(f"the clock source is {current}")
    available = (system.text(f"{_CLOCK_SOURCE}/available_clocksource") or "").split()
    faster = next((name for name in available if name in _FAST_CLOCKS), None)
    return disturbs(
        f"the clock source is {current}: each reading costs about a microsecond",
        f"echo {faster} | sudo tee /{_CLOCK_SOURCE}/current_clocksource"
        if faster
        else "use another machine for short calls",
    )


def simd(system: System) -> Finding:
    """Read which of the processor's instructions speed up a matrix product, from the flags of the first core."""
    lines = (system.text("proc/cpuinfo") or "").splitlines()
    line = next((line for line in lines if line.split(":")[0].strip() in {"flags", "Features"}), None)
    if line is None:
        return unknown("the system does not report the processor's instructions")
    flags = set(line.partition(":")[2].split())
    floats, integers = (
        [name for name in names if name in flags] for names in (_FLOAT_INSTRUCTIONS, _INT8_INSTRUCTIONS)
    )
    if not {"avx2", "asimd"} & flags:
        return lacks("no AVX2: TensorFlow needs AVX, and is slow without AVX2", "use a newer processor")
    if not integers:
        return good(f"{', '.join(floats)}; no int8 dot product (VNNI): int8 is hardly faster than float32")
    return good(f"{', '.join(floats)}; int8 dot products by {', '.join(integers)}")


def energy(system: System) -> Finding:
    """Look for RAPL's energy counters, and whether this user may read them."""
    counters = sorted((system.root / _RAPL).glob("intel-rapl:*/energy_uj"))
    if not counters:
        return lacks(
            "no energy counters (RAPL): virtual machines have none",
            "on a physical machine: sudo modprobe intel_rapl_common (also for AMD)",
        )
    if not all(os.access(path, os.R_OK) for path in counters):
        return lacks("only root may read the energy counters", f"sudo chmod a+r /{_RAPL}/intel-rapl:*/energy_uj")
    return good(f"the processor reports the energy of {len(counters)} domains")


def counters(system: System) -> Finding:
    """Look for the processor's event counters, and whether the kernel lets users read them."""
    try:
        paranoid = float(system.text("proc/sys/kernel/perf_event_paranoid") or "")
    except ValueError:
        return unknown("the system does not report who may use event counters")
    if not list((system.root / "sys/bus/event_source/devices").glob("cpu*")):
        return lacks("no hardware event counters: a virtual machine hides them", "use a physical machine")
    if paranoid > _MAX_PARANOID:
        return lacks(f"perf_event_paranoid is {paranoid:g}", f"sudo sysctl kernel.perf_event_paranoid={_MAX_PARANOID}")
    return good(f"hardware event counters are available, perf_event_paranoid is {paranoid:g}")
