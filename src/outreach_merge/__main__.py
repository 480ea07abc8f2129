"""``python -m outreach_merge``."""

from outreach_merge.cli.app import main

if __name__ == "__main__":
    main()
