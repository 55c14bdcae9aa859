"""The lines, as a table and as JSON."""
import json
import statistics


def percentile(values, fraction):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * fraction))]


def median(values):
    return statistics.median(values)


def spread(values):
    """How far apart they were."""
    if len(values) < 2:
        return {"rounds": len(values), "lowest": min(values), "highest": max(values)}
    first, _, third = statistics.quantiles(values, n=4, method="inclusive")
    return {"rounds": len(values), "lowest": min(values), "quartiles": [first, third], "highest": max(values)}


def number(value):
    if value == int(value) and abs(value) < 1e6:
        return "%d" % value
    return "%.0f" % value if abs(value) >= 100 else "%.3g" % value


def words(value, unit):
    return number(value) if unit == "" else "%s %s" % (number(value), unit)


class Report:
    def __init__(self):
        self.lines = []
        self.left_out = []

    def line(self, group, what, value, unit="", aim=None, values=None, ratios=None, note="", more=None):
        """One line. `values`: what the value is the median of. `aim`: the most that it should be. `ratios`: by what it is
        compared with; every line has at least one, of the same run, since only these hold on another machine or day."""
        self.lines.append({
            "group": group, "what": what, "value": value, "unit": unit, "aim": aim,
            "met": None if aim is None else value <= aim, "spread": spread(values) if values else None,
            "ratios": ratios or {}, "note": note, "more": more or {}})

    def times(self, group, what, seconds, aim=None, ratios=None, note="", more=None):
        """A line of the median of times, given in seconds and told in milliseconds."""
        values = [value * 1e3 for value in seconds]
        self.line(group, what, median(values), "ms", aim, values, ratios, note, more)

    def ratio(self, group, what, value, aim=None, note="", more=None):
        """A line that is a ratio itself."""
        self.line(group, what, value, "times", aim, ratios={"itself": value}, note=note, more=more)

    def leave_out(self, group, what, why):
        self.left_out.append({"group": group, "what": what, "why": why})

    def table(self):
        rows = ["| what | aim | measured | met? |", "|---|---|---|---|"]
        for line in self.lines:
            aim = "-" if line["aim"] is None else words(line["aim"], line["unit"])
            measured = words(line["value"], line["unit"])
            beside = ["%s × %s" % (number(value), name) for name, value in line["ratios"].items() if name != "itself"]
            beside += [line["note"]] if line["note"] else []
            if beside:
                measured += " (%s)" % "; ".join(beside)
            met = "-"
            if line["met"] is not None:
                met = "yes" if line["met"] else "no"
                if not line["met"] and line["aim"]:
                    met += ", %s times the aim" % number(line["value"] / line["aim"])
            cells = [cell.replace("|", "\\|") for cell in (line["what"], aim, measured, met)]
            rows.append("| %s |" % " | ".join(cells))
        rows += ["", "left out:"] if self.left_out else []
        rows += ["- %s: %s: %s" % (part["group"], part["what"], part["why"]) for part in self.left_out]
        return "\n".join(rows)

    def write(self, path, machine, options):
        with open(path, "w") as file:
            json.dump(
                {"machine": machine, "options": options, "lines": self.lines, "left out": self.left_out}, file, indent=2)
            file.write("\n")
