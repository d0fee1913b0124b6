"""Each check on made systems, whose only files are the given ones."""

import sys
from importlib.metadata import PackageNotFoundError

import pytest

from lab4.doctor.checks import CHECKS, System, disturbances, examine
from lab4.doctor.cores import co_runners, judge_contention

CPU = "sys/devices/system/cpu"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="the made commands are shell scripts")

SEEN = {
    "all performance": ("governor", {f"{CPU}/cpu0/cpufreq/scaling_governor": "performance"}, "good", "performance"),
    "one powersave": (
        "governor",
        {f"{CPU}/cpu{n}/cpufreq/scaling_governor": name for n, name in enumerate(["performance", "powersave"])},
        "disturbs",
        "performance and powersave",
    ),
    "intel turbo on": ("turbo", {f"{CPU}/intel_pstate/no_turbo": "0"}, "disturbs", "turbo is on"),
    "intel turbo off": ("turbo", {f"{CPU}/intel_pstate/no_turbo": "1"}, "good", "turbo is off"),
    "boost on": ("turbo", {f"{CPU}/cpufreq/boost": "1"}, "disturbs", "turbo is on"),
    "boost off": ("turbo", {f"{CPU}/cpufreq/boost": "0"}, "good", "turbo is off"),
    "at rest": ("load", {"proc/loadavg": "0.08 0.30 0.40 1/99 1"}, "good", "0.08"),
    "at work": ("load", {"proc/loadavg": "1.70 0.30 0.40 1/99 1"}, "disturbs", "1.70"),
    "garbled load": ("load", {"proc/loadavg": "much"}, "unknown", "does not report"),
    "quota, version 2": (
        "quota",
        {"proc/self/cgroup": "0::/pod/one", "sys/fs/cgroup/pod/one/cpu.max": "50000 100000"},
        "disturbs",
        "a quota of 0.5 cores",
    ),
    "quota of a parent": (
        "quota",
        {
            "proc/self/cgroup": "0::/pod/one",
            "sys/fs/cgroup/pod/one/cpu.max": "max 100000",
            "sys/fs/cgroup/pod/cpu.max": "150000 100000",
        },
        "disturbs",
        "1.5 cores",
    ),
    "quota, version 1": (
        "quota",
        {
            "proc/self/cgroup": "4:cpu,cpuacct:/docker/x",
            "sys/fs/cgroup/cpu/docker/x/cpu.cfs_quota_us": "200000",
            "sys/fs/cgroup/cpu/docker/x/cpu.cfs_period_us": "100000",
        },
        "disturbs",
        "2 cores",
    ),
    "no quota": ("quota", {"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "max 100000"}, "good", "no CPU quota"),
    "all cores": (
        "affinity",
        {"proc/self/status": "Cpus_allowed_list:\t0-3", f"{CPU}/online": "0-3"},
        "good",
        "all 4 cores",
    ),
    "some cores": (
        "affinity",
        {"proc/self/status": "Name:\tx\nCpus_allowed_list:\t1,3", f"{CPU}/online": "0-3"},
        "disturbs",
        "2 of 4",
    ),
    "no hypervisor": (
        "steal",
        {"proc/cpuinfo": "flags : fpu", "proc/stat": "cpu  9 0 1 90 0 0 0 0"},
        "good",
        "no hyper",
    ),
    "little stolen": (
        "steal",
        {"proc/cpuinfo": "flags : fpu hypervisor", "proc/stat": "cpu  9999 0 0 90 0 0 0 1"},
        "good",
        "0.01%",
    ),
    "much stolen": (
        "steal",
        {"proc/cpuinfo": "flags : fpu hypervisor", "proc/stat": "cpu  90 0 0 900 0 0 0 10"},
        "disturbs",
        "10.00%",
    ),
    "shared cores": ("smt", {f"{CPU}/cpu0/topology/thread_siblings_list": "0,4"}, "disturbs", "0,4 share"),
    "own cores": ("smt", {f"{CPU}/cpu0/topology/thread_siblings_list": "0"}, "good", "of its own"),
    "never hot": ("heat", {f"{CPU}/cpu0/thermal_throttle/core_throttle_count": "0"}, "good", "no core"),
    "hot": ("heat", {f"{CPU}/cpu0/thermal_throttle/core_throttle_count": "7"}, "disturbs", "7 times"),
    "memory enough": (
        "memory",
        {"proc/meminfo": "MemAvailable: 8388608 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB"},
        "good",
        "8.0 GiB",
    ),
    "memory scarce": (
        "memory",
        {"proc/meminfo": "MemAvailable: 1048576 kB\nSwapTotal: 2097152 kB\nSwapFree: 1048576 kB"},
        "disturbs",
        "1.0 GiB swapped out",
    ),
    "battery": ("power", {"sys/class/power_supply/BAT0/status": "Discharging"}, "disturbs", "battery"),
    "mains": ("power", {"sys/class/power_supply/BAT0/status": "Full"}, "good", "not on battery"),
    "no word of power": ("power", {}, "unknown", "does not report its power supply"),
    "vnni": ("simd", {"proc/cpuinfo": "flags : avx avx2 fma avx512_vnni"}, "good", "avx512_vnni"),
    "avx2 only": ("simd", {"proc/cpuinfo": "flags\t\t: avx avx2 fma"}, "good", "no int8 dot product"),
    "arm": ("simd", {"proc/cpuinfo": "Features : fp asimd asimddp"}, "good", "asimddp"),
    "old": ("simd", {"proc/cpuinfo": "flags : sse2"}, "lacks", "no AVX2"),
    "counters": (
        "counters",
        {"proc/sys/kernel/perf_event_paranoid": "2", "sys/bus/event_source/devices/cpu/type": "4"},
        "good",
        "is 2",
    ),
    "counters forbidden": (
        "counters",
        {"proc/sys/kernel/perf_event_paranoid": "4", "sys/bus/event_source/devices/cpu/type": "4"},
        "lacks",
        "is 4",
    ),
    "no counters": ("counters", {"proc/sys/kernel/perf_event_paranoid": "2"}, "lacks", "virtual machine"),
    "energy": ("energy", {"sys/class/powercap/intel-rapl:0/energy_uj": "5"}, "good", "1 domains"),
    "no energy": ("energy", {}, "lacks", "RAPL"),
    "cheap clock": (
        "clock",
        {"sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc"},
        "good",
        "tsc",
    ),
    "dear clock": (
        "clock",
        {
            "sys/devices/system/clocksource/clocksource0/current_clocksource": "hpet",
            "sys/devices/system/clocksource/clocksource0/available_clocksource": "tsc hpet",
        },
        "disturbs",
        "hpet",
    ),
}


@pytest.mark.parametrize(("check", "files", "state", "says"), SEEN.values(), ids=SEEN)
def test_a_system_is_judged_by_its_files(system, check, files, state, says):
    found = CHECKS[check](system(files))
    assert found.state == state
    assert says in found.message
    assert bool(found.remedy) == (state in {"disturbs", "lacks"})


def test_an_empty_system_has_no_disturbance(system):
    findings = examine(system())
    assert list(findings) == list(CHECKS)
    del findings["co-runners"]  # it probes the core, and reads no file
    assert [name for name, each in findings.items() if each.state == "disturbs"] == []


def test_thread_variables_are_named(system):
    found = CHECKS["threads"](system(OMP_NUM_THREADS="4", MKL_NUM_THREADS=""))
    assert found.state == "disturbs"
    assert "OMP_NUM_THREADS=4" in found.message
    assert "MKL" not in found.message


@POSIX
@pytest.mark.parametrize(
    ("script", "state", "says"),
    [
        ("echo v20.1.0", "good", "v20.1.0"),
        ("echo v12.22.9", "lacks", "v12.22.9"),
        ("echo nonsense", "lacks", "no Node.js"),
        ("exit 1", "lacks", "no Node.js"),
    ],
)
def test_node_is_asked_for_its_version(system, command, script, state, says):
    command("node", script)
    found = CHECKS["node"](system())
    assert (found.state, says in found.message) == (state, True)


@POSIX
def test_a_browser_is_found_by_any_of_its_names(system, command):
    command("google-chrome", "exit 0")
    found = CHECKS["browser"](system())
    assert found.state == "good"
    assert found.message.endswith("google-chrome")


def test_a_browser_that_is_not_there_is_said(system):
    assert CHECKS["browser"](system()).state == "lacks"


@POSIX
@pytest.mark.parametrize(
    ("script", "state", "says"),
    [
        ("echo 'NVIDIA H100, 560.1, 0'", "good", "H100 with driver 560.1"),
        ("echo 'NVIDIA H100, 560.1, 93'", "disturbs", "is busy"),
        ("echo 'Failed to initialize NVML' >&2; exit 9", "lacks", "lists no GPU"),
    ],
)
def test_the_gpu_is_asked_whether_it_is_at_rest(system, command, script, state, says):
    command("nvidia-smi", script)
    found = CHECKS["nvidia"](system())
    assert (found.state, says in found.message) == (state, True)


def test_a_core_without_co_runners_is_good():
    found = judge_contention([(1.0, 1.0)] * 98 + [(1.0, 1.5)] * 2)
    assert found.state == "good"
    assert "98%" in found.message


def test_a_shared_core_disturbs():
    found = judge_contention([(1.0, 1.0)] * 60 + [(1.0, 1.45)] * 40)
    assert found.state == "disturbs"
    assert "in 40% of probes" in found.message
    assert "--lab4-profile thorough" in found.remedy


def test_this_machine_is_probed():
    found = co_runners(System())
    assert found.state in {"good", "disturbs"}
    assert "on the same core" in found.message


def test_without_an_installed_lab4_the_packages_are_unknown(system, monkeypatch):
    monkeypatch.setattr("lab4.dependencies.metadata.requires", raises_not_found)
    assert CHECKS["packages"](system()).state == "unknown"


def raises_not_found(_):
    raise PackageNotFoundError


def test_missing_packages_are_named(system, monkeypatch):
    monkeypatch.setattr("lab4.doctor.software.suite_versions", lambda: {"numpy": "2.1", "onnx": None, "ydf": None})
    found = CHECKS["packages"](system())
    assert (found.state, found.message) == ("lacks", "not installed: onnx, ydf")


def test_a_debug_build_is_known_by_its_version(system, monkeypatch):
    versions = {"onnxruntime": "1.23.2+cpu.Debug", "tensorflow": "2.19.0+cuda", "onnx": None}
    monkeypatch.setattr("lab4.doctor.software.suite_versions", lambda: versions)
    found = CHECKS["debug"](system())
    assert found.state == "disturbs"
    assert "onnxruntime 1.23.2+cpu.Debug" in found.message
    assert "tensorflow" not in found.message


def test_without_a_debug_build_nothing_is_said(system):
    assert CHECKS["debug"](system()).state == "good"


def test_a_mode_for_debugging_disturbs(system):
    found = CHECKS["debug"](system(PYTHONMALLOC="debug"))
    assert found.state == "disturbs"
    assert "PYTHONMALLOC=debug" in found.message


def test_a_run_records_what_disturbs_and_nothing_else(system):
    files = {f"{CPU}/cpu0/cpufreq/scaling_governor": "powersave", "proc/loadavg": "0.08 0.30 0.40 1/99 1"}
    seen = disturbances(system(files))
    assert "powersave" in seen.pop("governor")
    assert seen == {}
