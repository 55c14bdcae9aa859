"""Two runs, ratio by ratio."""
import json

from cleaning import Failure

# "Agree within a third": the larger of the two is at most a third more than the smaller one.
THIRD = 4 / 3


def read(path):
    """Where and when it was measured, and its ratios by their names."""
    try:
        with open(path) as file:
            run = json.load(file)
        return {name: run["machine"][name] for name in ("date", "processor", "kernel")}, {
            "%s: %s / %s" % (line["group"], line["what"], against): value
            for line in run["lines"] for against, value in line["ratios"].items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Failure("%s cannot be read: %s" % (path, error), "it is what --json has written") from None


def apart(one, other):
    """How many times the larger is the smaller; nothing against something is infinitely far."""
    if one == other:
        return 1.0
    small, large = sorted((abs(one), abs(other)))
    return float("inf") if small == 0 or (one < 0) != (other < 0) else large / small


def compare(first, second):
    """Prints it, and tells how many differ."""
    (here, ours), (there, theirs) = read(first), read(second)
    both = [name for name in ours if name in theirs]
    if not both:
        raise Failure("%s and %s have no ratio in common" % (first, second))
    differ = 0
    for name, machine in (("first", here), ("second", there)):
        print("%s: %s, %s, Linux %s" % (name, machine["date"], machine["processor"], machine["kernel"]))
    if here["processor"] != there["processor"]:
        print("note: the processors are not of one kind: one may hash, copy or start programs faster than the other, beside all else")
    print()
    print("| ratio | first | second | apart | within a third |")
    print("|---|---|---|---|---|")
    for name in both:
        far = apart(ours[name], theirs[name])
        differ += far > THIRD
        print("| %s | %.4g | %.4g | %.2f | %s |" % (
            name.replace(" / itself", ""), ours[name], theirs[name], far, "no" if far > THIRD else "yes"))
    for path, mine, others in ((first, ours, theirs), (second, theirs, ours)):
        for name in mine:
            if name not in others:
                print("only in %s: %s" % (path, name))
    print("\n%d ratios, %d of them more than a third apart" % (len(both), differ))
    return differ
