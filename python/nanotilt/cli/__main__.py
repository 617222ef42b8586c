"""``python -m nanotilt.cli`` is ``nanotilt``."""

import sys

from nanotilt.cli import main

sys.exit(main())
