"""`python -m pastwatch`: the same as the `pastwatch` command."""

from pastwatch.cli.main import main

if __name__ == "__main__":
    main()
