"""Build the wheel and the source distribution, install each into a fresh environment, and make a worksheet with it."""

import shutil
import subprocess
import sys
import venv
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "docs" / "runs" / "nvidia-h100.json"


def try_one(distribution: Path) -> None:
    """Install it without anything of the checkout on the path, and use it as people do; raises where that fails."""
    with TemporaryDirectory() as folder:
        venv.create(Path(folder, "env"), with_pip=True)
        python = Path(folder, "env", "Scripts" if sys.platform == "win32" else "bin", "python")

        def run(*arguments: str) -> None:
            subprocess.run([python, "-I", "-m", *arguments], cwd=folder, check=True)  # noqa: S603  # its own commands

        run("pip", "install", "--quiet", f"lab4[report] @ {distribution.as_uri()}")
        run("lab4", "--version")
        run("lab4", "worksheet", str(RECORD), "-o", "made")
        missing = {f"worksheet.{ending}" for ending in ("html", "pdf", "md", "csv")} - {
            path.name for path in Path(folder, "made").iterdir()
        }
        if missing:
            raise SystemExit(f"{distribution.name} did not write {', '.join(sorted(missing))}")


if __name__ == "__main__":
    made = ROOT / "dist"
    shutil.rmtree(made, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "build", "--outdir", made, ROOT], check=True)  # noqa: S603  # our own package
    for each in sorted(made.iterdir()):
        try_one(each)
        sys.stdout.write(f"{each.name}: installed and used\n")
