"""What the man pages say: examples as commands, options as names."""

import glob
import os
import re

import harness


def pages():
    return sorted(glob.glob(os.path.join(harness.SOURCE, "man", "*.[0-9]")))


def examples(page):
    """The commands of the literal blocks in EXAMPLES, as a shell would get them."""
    with open(page) as f:
        section = re.search(r"^\.Sh EXAMPLES\n(.*?)(?=^\.Sh |\Z)", f.read(), re.MULTILINE | re.DOTALL)
    blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", section.group(1) if section else "", re.MULTILINE | re.DOTALL)
    unescaped = [block.replace(r"\e", "\\").replace(r"\&", "").replace(r"\-", "-") for block in blocks]
    return [block for block in unescaped if block.startswith("srs-")]


def options(page):
    """The --long options that have an entry of their own."""
    with open(page) as f:
        entries = re.findall(r"^\.It (Fl .*)$", f.read(), re.MULTILINE)
    return {"--" + name for entry in entries for name in re.findall(r"Fl Fl ([a-z0-9-]+)", entry)}
