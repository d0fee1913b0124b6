"""A PostgreSQL of the test run's own: started from what is installed, on loopback, gone afterwards."""

import os
import random
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


def _program(name):
    """Debian keeps the server's programs off the path."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(places[-1]) if places else shutil.which(name)


def is_installed():
    return _program("initdb") is not None and _program("pg_ctl") is not None


@contextmanager
def server():
    """Yield the URL of an empty server; where the tests run as root, it runs as the user postgres, as it insists."""
    account = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with TemporaryDirectory(prefix="lab4-pg-", dir="/tmp") as folder:  # a socket's path must be short
        place = Path(folder)
        if account:
            shutil.chown(place, "postgres")
        data = place / "data"

        def run(*arguments):
            subprocess.run([*account, *arguments], check=True, capture_output=True, cwd=place)

        run(_program("initdb"), "-D", data, "-U", "lab4", "--auth=trust", "--no-sync", "-E", "UTF8")
        # Below the ports that systems hand out; another process may have one all the same.
        *others, last = random.sample(range(10_000, 20_000), 10)
        for port in (*others, last):
            options = f"-h 127.0.0.1 -p {port} -k {place} -F"
            try:
                run(_program("pg_ctl"), "-D", data, "-w", "-t", "300", "-l", place / "log", "-o", options, "start")
                break
            except subprocess.CalledProcessError:
                if port == last:
                    raise
        try:
            yield f"postgresql://lab4@127.0.0.1:{port}/postgres"
        finally:
            run(_program("pg_ctl"), "-D", data, "-w", "-t", "300", "-m", "immediate", "stop")
