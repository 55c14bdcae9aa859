"""Two runs, ratio by ratio."""
import json

from cleaning import Failure

# "Agree within a third": the larger of the two is at most a third more than the smaller one.
THIRD = 4 / 3


def ratios(path):
    try:
        with open(path) as file:
            lines = json.load(file)["lines"]
        return {
            "%s: %s / %s" % (line["group"], line["what"], against): value
            for line in lines for against, value in line["ratios"].items()}
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
    ours, theirs = ratios(first), ratios(second)
    both = [name for name in ours if name in theirs]
    if not both:
        raise Failure("%s and %s have no ratio in common" % (first, second))
    differ = 0
    print("| ratio | first | second | apart | within a third |")
    print("|---|---|---|---|---|")
    for name in both:
        far = apart(ours[name], theirs[name])
        differ += far > THIRD
        print("| %s | %.4g | %.4g | %.2f | %s |" % (
            name.replace(" / itself", ""), ours[name], theirs[name], far, "no" if far > THIRD else "yes"))
    for path, here, there in ((first, ours, theirs), (second, theirs, ours)):
        for name in here:
            if name not in there:
                print("only in %s: %s" % (path, name))
    print("\n%d ratios, %d of them more than a third apart" % (len(both), differ))
    return differ
