"""`python -m salon`: the command line; without a command it serves, so `python -m salon --reload` works too."""

import sys

from salon.cli.main import main

WITHOUT_COMMAND = {"--help", "--version"}

if __name__ == "__main__":
    if len(sys.argv) == 1 or (sys.argv[1].startswith("-") and sys.argv[1] not in WITHOUT_COMMAND):
        sys.argv.insert(1, "serve")
    main()
