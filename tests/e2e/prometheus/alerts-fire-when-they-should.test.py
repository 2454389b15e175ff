"""promtool has no complaint about the alerts and the configuration of examples/cluster, and each alert fires where it should, and only there."""

import os
import re

import harness

RULES = os.path.join(harness.SOURCE, "examples", "cluster", "prometheus-alerts.yml")
CONFIG = os.path.join(harness.SOURCE, "examples", "cluster", "prometheus.yml")
CASES = os.path.join(harness.SOURCE, "tests", "e2e", "prometheus", "alerts-test.yml")


def test(t):
    for argv in (["check", "rules", RULES], ["check", "config", CONFIG], ["test", "rules", CASES]):
        promtool = t.run(["promtool", *argv])
        harness.equal(promtool.returncode, 0, f"promtool {' '.join(argv)}:\n{promtool.stdout()}{promtool.stderr()}")
    with open(RULES) as rules, open(CASES) as cases:
        alerts, cases = re.findall(r"- alert: (\w+)", rules.read()), cases.read()
    for alert in alerts:
        for what in ("fires", "keeps quiet"):
            harness.check(f"- name: {alert} {what}\n" in cases, f"{alert}: no case in which it {what}")


harness.main(test)
