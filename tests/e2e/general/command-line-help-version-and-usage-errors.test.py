"""Every tool: --help and --version on stdout with status 0; a wrong command line ends with 2 and a hint; media on a terminal is refused."""

import os
import pty
import re

import harness

# With what each cannot do without.
TOOLS = {"srs-ingest": ["test:"], "srs-relay": ["--pass"], "srs-hls": ["www"], "srs-probe": ["x.flv"],
         "srs-bench": ["play", "rtmp://127.0.0.1/live/x"]}
SHARED = ["--help", "--version", "--log-format", "--config"]
# Would write media to the terminal, or read it from there.
TO_TERMINAL = [["srs-ingest", "test:"], ["srs-relay", "--pass"], ["srs-probe", "--pass", "-"]]
FROM_TERMINAL = [["srs-ingest", "-"], ["srs-relay", "--listen", "http://127.0.0.1:0"], ["srs-hls", "www"], ["srs-probe", "-"]]


def answers(t, tool):
    shown = t.run([tool, "--help"])
    harness.equal(shown.returncode, 0, f"exit status of {tool} --help")
    for option in SHARED:
        harness.check(option in shown.stdout(), f"{tool} --help does not show {option}")
    version = t.run([tool, "--version"])
    harness.equal(version.returncode, 0, f"exit status of {tool} --version")
    harness.check(re.fullmatch(rf"{tool} \d+\.\d+\S*\n", version.stdout()), f"{tool} --version says {version.stdout()!r}")


def refuses(t, argv, **options):
    stage = t.run(argv, seconds=10, cwd=t.dir, **options)
    harness.equal(stage.returncode, 2, f"exit status of {' '.join(argv)}: {stage.stderr()!r}")
    harness.check(stage.stderr().startswith(argv[0] + ": "), f"{' '.join(argv)} says {stage.stderr()!r}")
    return stage.stderr()


def test(t):
    for tool, needed in TOOLS.items():
        answers(t, tool)
        said = refuses(t, [tool, *needed, "--no-such-option"])
        harness.check("--no-such-option" in said and "--help" in said, f"{tool} gives no hint: {said!r}")
        if tool != "srs-probe":  # which reads stdin then
            refuses(t, [tool])
    _, terminal = pty.openpty()
    for argv in TO_TERMINAL:
        said = refuses(t, argv, stdout=terminal)
        harness.check("terminal" in said, f"{' '.join(argv)} on a terminal says {said!r}")
    for argv in FROM_TERMINAL:
        said = refuses(t, argv, stdin=terminal)
        harness.check("terminal" in said, f"{' '.join(argv)} from a terminal says {said!r}")
    os.close(terminal)


harness.main(test)
