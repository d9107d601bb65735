"""Deploy a deal's contracts from a checkout: `abs-sim deploy` under another name."""

import sys

from api.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "deploy")
    main()
