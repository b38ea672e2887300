"""One measure in a process of its own: python -m fairdue.site.bench NAME [--quick]."""

import sys

from fairdue.site.bench import child

child(sys.argv[1], quick="--quick" in sys.argv)
