"""Write docs/worksheet.png, the README's picture: the top of a run's worksheet, as Chromium shows it.

``python docs/make_picture.py lab4-results/worksheet.html``
"""

import subprocess
import sys
from pathlib import Path

from lab4.javascript.page import chromium

SIZE = (1100, 1533)


def main() -> None:
    """Take the picture."""
    page, picture = Path(sys.argv[1]).resolve(strict=True), Path(__file__).parent / "worksheet.png"
    quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb"]
    window = f"--window-size={SIZE[0]},{SIZE[1]}"
    command = [chromium(), *quiet, window, f"--screenshot={picture}", page.as_uri()]
    subprocess.run(command, check=True)  # noqa: S603  # a command of ours


if __name__ == "__main__":
    main()
