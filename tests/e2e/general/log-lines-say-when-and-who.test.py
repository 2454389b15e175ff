"""Log lines in a file carry the time, those on a terminal or in systemd's journal do not, and --log-time decides for all; --node names
the relay in each of its lines, in text and in JSON."""

import json
import os
import pty
import re

import harness

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z "
WRONG = ["srs-ingest", "no-such-file.flv"]


def lines(path):
    with open(path) as f:
        return f.read().splitlines()


def says_into_a_file(t, *options, env=None):
    stage = t.run([*WRONG, *options], cwd=t.dir, stdout=t.path("out"), env=env)
    said = lines(stage.stderr_path)
    harness.check(said, "it says nothing")
    return all(re.match(TIME + "srs-ingest: ", line) for line in said), all(line.startswith("srs-ingest: ") for line in said)


def says_on_a_terminal(*options):
    pid, terminal = pty.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.execv(os.path.join(harness.BIN, WRONG[0]), [*WRONG, *options])
    said = b""
    try:
        while chunk := os.read(terminal, 4096):
            said += chunk
    except OSError:  # the other end is closed
        pass
    os.waitpid(pid, 0)
    os.close(terminal)
    return said.decode()


def says_into_the_journal(t):
    """A pipe that $JOURNAL_STREAM names, as systemd does it, and one that it does not."""
    said = []
    for names_it in (True, False):
        read_end, write_end = os.pipe()
        status = os.fstat(write_end)
        env = {**os.environ, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino + (0 if names_it else 1)}"}
        pid = os.fork()
        if pid == 0:
            os.dup2(write_end, 2)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.execve(os.path.join(harness.BIN, WRONG[0]), WRONG, env)
        os.close(write_end)
        with os.fdopen(read_end) as f:
            said.append(f.read())
        os.waitpid(pid, 0)
    return said


def test(t):
    harness.equal(says_into_a_file(t), (True, False), "with the time, without (in a file)")
    harness.equal(says_into_a_file(t, "--log-time", "never"), (False, True), "with the time, without (never)")
    said = says_on_a_terminal()
    harness.check(said.startswith("srs-ingest: "), f"on a terminal it says {said!r}")
    said = says_on_a_terminal("--log-time", "always")
    harness.check(re.match(TIME + "srs-ingest: ", said), f"on a terminal, with always, it says {said!r}")
    to_journal, elsewhere = says_into_the_journal(t)
    harness.check(to_journal.startswith("srs-ingest: "), f"into the journal it says {to_journal!r}")
    harness.check(re.match(TIME + "srs-ingest: ", elsewhere), f"beside the journal it says {elsewhere!r}")

    relay = ["srs-relay", "--no-stdin", "--accept-publish", "--listen", "http://127.0.0.1:0", "--node", "edge-1"]
    named = t.start(relay)
    named.address("http")
    named.stop()
    for line in lines(named.stderr_path):
        harness.check(re.match(TIME + r"srs-relay\[edge-1\]: ", line), f"with --node it says {line!r}")
    in_json = t.start([*relay, "--log-format", "json"])
    in_json.address("http")
    in_json.stop()
    for line in map(json.loads, lines(in_json.stderr_path)):
        harness.equal((line["tool"], line["node"]), ("srs-relay", "edge-1"), f"tool and node of {line}")


harness.main(test)
