"""File systems without file locks, or without hard links: shared folders of virtual machines, some of networks."""

import pytest
from lab4_environments import COMMANDS
from lab4_file_systems import NO_LINKS, NO_LOCKS, poor_environment


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("lacking", [NO_LINKS, *NO_LOCKS], ids=str)
def test_every_command_works(make, lacking, name):
    project = make()
    project.env |= poor_environment(lacking)
    project.works(name)
