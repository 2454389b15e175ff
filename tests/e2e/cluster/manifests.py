"""The Kubernetes manifests of examples/cluster: their files, what they say, and what the schemas say to them."""

import glob
import json
import os
import shutil
import subprocess

import harness

_CHECKER = os.path.join(harness.SOURCE, "tests", "e2e", "cluster", "schemas")


def files():
    return sorted(glob.glob(os.path.join(harness.SOURCE, "examples", "cluster", "kubernetes", "*.yaml")))


def _node(script, paths):
    harness.check(shutil.which("node"), "node is not installed: examples/install-packages test")
    harness.check(os.path.isdir(os.path.join(_CHECKER, "node_modules", "kubernetes-models")),
                  f"the schemas are not installed: (cd {_CHECKER} && npm ci)")
    return subprocess.run(["node", os.path.join(_CHECKER, script), *paths], capture_output=True, text=True, timeout=60, check=False)


def mistakes(paths):
    """One line a mistake."""
    checked = _node("check.mjs", paths)
    harness.check(checked.returncode in (0, 1) and not checked.stderr, f"the checker failed: {checked.stderr}")
    lines = checked.stdout.splitlines()
    harness.equal(checked.returncode == 1, bool(lines), f"its status tells of mistakes ({lines})")
    return lines


def documents():
    return json.loads(_node("to_json.mjs", files()).stdout)


def find(kind, name):
    found = [d for d in documents() if d["kind"] == kind and d["metadata"]["name"] == name]
    harness.equal(len(found), 1, f"manifests of {kind} {name}")
    return found[0]
