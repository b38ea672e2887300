"""A process that has imported everything and forks a child for each load, so that a kill costs no start-up.

Reads `<load id>` per line; answers `<pid of the child>`, and `<exit code>` when the child is gone (-9: killed).
"""

import os
import sys

import django

django.setup()

from fairdue.intake import services  # noqa: E402
from fairdue.intake.models import Load  # noqa: E402


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                services.run(load=Load.objects.select_related("creditor").get(pk=int(line)))
            except BaseException as error:
                print(repr(error), file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
