"""``python -m chemwright``: the command line."""

from chemwright.cli import main

main()
