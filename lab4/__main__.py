"""``python -m lab4``: the same as the command ``lab4``."""

from lab4.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
