"""``python -m semisup`` is the command `semisup`."""

from semisup.cli import main

if __name__ == "__main__":
    main()
