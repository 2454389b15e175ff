"""What --admin of a tool answers."""

import json
import re
import urllib.error
import urllib.request

import harness

OPTION = ["--admin", "http://127.0.0.1:0"]


def address(process):
    """Of --admin: a tool opens it behind its other listeners, so its line is the last one."""
    others = sum(a == "--listen" and b.startswith("http:") for a, b in zip(process.argv, process.argv[1:]))
    return process.address("http", others)


def ask(url, method="GET"):
    """(status, header fields, text)"""
    request = urllib.request.Request(url, method=method)
    try:
        with urllib.request.urlopen(request, timeout=harness.PATIENCE) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read().decode()


def get_json(url):
    status, fields, text = ask(url)
    harness.equal((status, fields["Content-Type"]), (200, "application/json"), f"answer of {url}")
    return json.loads(text)


def metrics_text(base):
    status, fields, text = ask(base + "/metrics")
    harness.equal((status, fields["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"), f"answer of {base}/metrics")
    return text


def samples(text):
    """{(name, ((label, value), ...)): number}"""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, number = re.fullmatch(r'([a-z_]+)(?:\{(.*)\})? (\S+)', line).groups()
        key = (name, tuple(sorted(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or ""))))
        harness.check(key not in found, f"{line}: twice in one answer")
        found[key] = float(number)
    return found


def value(base, name, **labels):
    """One sample, None if it is not there."""
    return samples(metrics_text(base)).get((name, tuple(sorted(labels.items()))))


def clients(base, kind=None):
    return [client for client in get_json(base + "/api/clients") if kind in (None, client["kind"])]
