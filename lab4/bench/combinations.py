"""Which numbers of threads and which settings of a runtime are measured together."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

from lab4.bench.cells import Axes, cells, runtime_of
from lab4.bench.profiles import Profile
from lab4.domain.catalogue import RuntimeTraits
from lab4.domain.cell import LATENCY, ChangedSettings
from lab4.domain.errors import Lab4Error
from lab4.runtimes import RUNTIMES

#: The values to be measured of each setting, by its name, and that by runtime.
SettingValues = Mapping[str, Sequence[str]]
ValuesByRuntime = Mapping[str, SettingValues]

#: So many combinations of threads and settings of one runtime are all measured; of more, settings one at a time.
_MOST_COMBINATIONS = 16
#: A half of the rounds chooses, the other judges; in a noisy hour half of them have uncontended calls.
_ROUNDS, _UNCONTENDED_ROUNDS = 24, 16
#: Seconds of a cell: a noisy hour takes more rounds than the quick profile has time for.
_CELL_S = 3.2


def combined(traits: RuntimeTraits, values: SettingValues) -> tuple[ChangedSettings, ...]:
    """Every combination of these values, without those that are defaults; other settings have their default.

    Raises `UnknownNameError` for a setting that the runtime does not have.
    """
    pairs = [[(name, value) for value in several] for name, several in values.items()]
    return tuple(dict.fromkeys(_changed(traits, each) for each in product(*pairs)))


def worth_trying(traits: RuntimeTraits, values: SettingValues, thread_counts: int) -> tuple[ChangedSettings, ...]:
    """The settings to choose from, the defaults first: every combination of these values, or where there are many one.

    There are many where, with so many numbers of threads, it is more than 16. Then each value that is not a default is
    measured with the defaults of the other settings, with each number of threads: cells grow with the sum of the values
    and not with their product, and two settings that are better only together are not found.
    """
    values = {name: (traits.setting(name).default, *several) for name, several in values.items()}
    found = combined(traits, values)
    if len(found) * thread_counts <= _MOST_COMBINATIONS:
        return found
    return tuple(dict.fromkeys([(), *(_changed(traits, [(name, each)]) for name in values for each in values[name])]))


def _changed(traits: RuntimeTraits, pairs: Sequence[tuple[str, str]]) -> ChangedSettings:
    return tuple(sorted((name, value) for name, value in pairs if value != traits.setting(name).default))


def powers_to(cores: int) -> tuple[int, ...]:
    """The numbers of threads to choose from on so many cores: powers of two, and all of them.

    >>> powers_to(6)
    (1, 2, 4, 6)
    """
    return tuple(sorted({*(2**power for power in range(cores.bit_length()) if 2**power <= cores), cores}))


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def timed_runtimes(axes: Axes) -> tuple[str, ...]:
    """The runtimes that calls are timed in, each once."""
    return tuple(dict.fromkeys(map(runtime_of, cells(LATENCY, axes))))


def with_values(axes: Axes, values: ValuesByRuntime) -> Axes:
    """The axes with every combination of these values."""
    return replace(axes, settings={name: combined(RUNTIMES[name].traits, each) for name, each in values.items()})


def tuning(axes: Axes, values: ValuesByRuntime, threads: Sequence[int] = ()) -> Axes:
    """The axes by which the best settings of each runtime are found: only calls are timed.

    ``threads`` are the numbers of threads to choose from, those of `powers_to` where there are none, and ``values`` the
    values of a runtime's settings; of a runtime that is not in it, all.

    Raises:
        Lab4Error: where there is nothing to choose from.
    """
    counts = tuple(sorted({1, *threads})) if threads else powers_to(usable_cores())
    settings = {}
    for name in timed_runtimes(axes):
        traits = RUNTIMES[name].traits
        every = {each.name: each.value_names for each in traits.settings}
        settings[name] = worth_trying(traits, values.get(name, every), len(counts))
    if len(counts) == 1 and all(len(each) == 1 for each in settings.values()):
        raise Lab4Error(
            f"--lab4-tune: there is nothing to choose from: one thread, and no other setting of {', '.join(settings)}; "
            "give several --lab4-threads, or other formats"
        )
    return replace(axes, threads=counts, settings=settings, kinds=(LATENCY,))


def tuning_profile(profile: Profile) -> Profile:
    """The profile with the rounds that choosing and judging take."""
    least = max(_ROUNDS, profile.min_rounds)
    return replace(
        profile,
        min_rounds=least,
        uncontended_rounds=max(_UNCONTENDED_ROUNDS, profile.uncontended_rounds),
        max_rounds=max(least, profile.max_rounds),
        cell_s=max(_CELL_S, profile.cell_s),
    )
