"""`python -m whosaw`: the command where its script is not on the path."""

from __future__ import annotations

from whosaw.cli.start import main

if __name__ == "__main__":
    main()
