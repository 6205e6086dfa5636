"""`python -m aligncleaner`."""

from aligncleaner.cli import main

if __name__ == "__main__":
    main()
