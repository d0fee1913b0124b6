"""File systems without file locks, or without hard links: shared folders of virtual machines, some of networks."""

from itertools import product

import pytest
from lab4_environments import COMMANDS
from lab4_file_systems import NO_LINKS, NO_LOCKS, poor_environment

#: The other answer of a system without locks takes the same path: it is tried where the most is locked.
ALSO = [(each, "history") for each in NO_LOCKS[1:]]


@pytest.mark.parametrize(("lacking", "name"), [*product([NO_LINKS, NO_LOCKS[0]], COMMANDS), *ALSO], ids=str)
def test_every_command_works(make, lacking, name):
    project = make()
    project.env |= poor_environment(lacking)
    project.works(name)
