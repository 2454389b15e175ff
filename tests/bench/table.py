"""Results as text: medians over repetitions, aligned columns."""

import datetime
import os
import platform
import shlex
import statistics


def median(values):
    """The median of the measured values; None if there are none."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def merge(rows, keys):
    """Merges rows with equal keys, with the median of every other value; in order of appearance."""
    groups = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    merged = []
    for group in groups.values():
        row = {key: group[0][key] for key in keys}
        for column in group[0]:
            if column not in keys:
                row[column] = median([other[column] for other in group])
        row["repetitions"] = len(group)
        merged.append(row)
    return merged


def number(value, digits=2):
    if value is None:
        return "-"
    return f"{value:.{digits}f}"


def pair(first, second, digits=1):
    return "-" if first is None else f"{number(first, digits)} / {number(second, digits)}"


def render(headings, rows):
    """Rows of text in columns; the first column is aligned left, the others right."""
    table = [headings] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(headings))]
    lines = []
    for row in table:
        cells = [cell.ljust(width) if i == 0 else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def machine():
    """One line that describes the machine."""
    model = "unknown processor"
    with open("/proc/cpuinfo") as f:
        for line in f:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    with open("/proc/meminfo") as f:
        gib = int(f.readline().split()[1]) / 2**20
    return f"{os.cpu_count()} cores of {model}, {gib:.0f} GiB, Linux {platform.release()}"


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def append(path, title, command, text):
    """A table as a section of a Markdown file."""
    with open(path, "a") as f:
        f.write(f"\n## {title}, {now()}\n\n{machine()}\n\n    {shlex.join(command)}\n\n```\n{text}\n```\n")
