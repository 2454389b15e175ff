"""mandoc has no complaint about any page, and a page and its tool's --help name the same options."""

import os
import re

import harness
import man

TOOLS = ["srs-ingest", "srs-relay", "srs-hls", "srs-probe", "srs-bench"]
# Said by every tool, explained or not.
UNIVERSAL = {"--help", "--version", "--verbose", "--quiet"}


def test(t):
    names = [os.path.basename(page) for page in man.pages()]
    harness.equal(set(names), {f"{tool}.1" for tool in TOOLS} | {"srs-access.5", "srs-pipe.5"}, "man pages")
    for page in man.pages():
        lint = t.run(["mandoc", "-T", "lint", "-W", "warning", page])
        harness.check(lint.returncode == 0 and not lint.stdout(), f"mandoc on {page}:\n{lint.stdout()}")
    for tool in TOOLS:
        shown = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", t.run([tool, "--help"]).stdout()))
        explained = man.options(os.path.join(harness.SOURCE, "man", f"{tool}.1"))
        harness.equal(sorted(shown - explained - UNIVERSAL), [], f"options of {tool} that its page does not explain")
        harness.equal(sorted(explained - shown - UNIVERSAL), [], f"options in {tool}.1 that {tool} does not have")


harness.main(test)
