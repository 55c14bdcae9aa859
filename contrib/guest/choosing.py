"""What --only means."""
import operator
import sys


def chosen(program, kind, names, only, fits=operator.contains):
    """Those of the names that `fits(name, only)`; where that is none, the program ends: it would have judged nothing."""
    found = [name for name in names if fits(name, only)]
    if not found:
        print("%s: error: there is no %s for --only %s: %s" % (program, kind, only, ", ".join(names)), file=sys.stderr)
        sys.exit(2)
    return found
