"""Runs the built tools and foreign players for one test, and leaves nothing behind.

A test file is one behaviour, in the folder of its subject:

    import harness

    def test(t):
        relay = t.start(["srs-relay", "--listen", "rtmp://127.0.0.1:0"], stdin=file)
        url = relay.address("rtmp") + "/live/x"
        ...
        harness.check(frames > 100, f"only {frames} frames")

    harness.main(test)

Every process is in its own process group, is ended by pid, and dies with this
one. Its stderr (and stdout, unless piped on) is a file in the test's folder;
when the test fails all of them are printed.

CTest sets SRS_BIN (the folder of the tools), SRS_SOURCE (the repository) and PYTHONPATH (this folder). By hand:

    PYTHONPATH=$PWD/tests/e2e/lib python3 tests/e2e/relay/drains-on-sigterm.test.py
"""

import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

SOURCE = os.environ.get("SRS_SOURCE") or os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
BIN = os.environ.get("SRS_BIN") or os.path.join(SOURCE, "build", "release", "bin")


def _sanitizer():
    """What watches the tools' memory or threads: "thread", "address" or ""."""
    try:
        with open(os.path.join(BIN, "srs-relay"), "rb") as f:
            code = f.read()
    except FileNotFoundError:
        return ""
    return "thread" if b"__tsan_init" in code else "address" if b"__asan_init" in code else ""


SANITIZER = _sanitizer()

# A deadline, never an expectation: long enough for a machine that does ten other things.
PATIENCE = 90.0 if SANITIZER else 30.0

_libc = ctypes.CDLL(None)


class Failed(AssertionError):
    """The behaviour is not what the test says."""


def check(condition, message):
    if not condition:
        raise Failed(message)


def equal(got, wanted, what):
    check(got == wanted, f"{what}: got {got!r}, wanted {wanted!r}")


def until(predicate, what, seconds=PATIENCE, every=0.05):
    """The first true value of predicate(); Failed once `seconds` have gone."""
    end = time.monotonic() + seconds
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed(f"waited {seconds:g} s for {what}")
        time.sleep(every)


def free_port():
    """A port that was free a moment ago; for programs that cannot choose one themselves."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def accepts(port):
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex(("127.0.0.1", port)) == 0


def _die_with_parent():
    _libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: a test that ctest kills takes its processes along


class Process:
    """A running program. Owned by its Test, which ends it."""

    def __init__(self, argv, directory, number, stdin=None, stdout=None, env=None, cwd=None, pass_fds=()):
        self.argv = list(argv)
        self.name = os.path.basename(self.argv[0])
        program = os.path.join(BIN, self.argv[0]) if self.argv[0].startswith("srs-") else self.argv[0]
        base = os.path.join(directory, f"{number:02}-{self.name}")
        self.stderr_path = base + ".stderr"
        self.stdout_path = None
        opened = []
        if isinstance(stdin, str):
            stdin = open(stdin, "rb")
            opened.append(stdin)
        if stdout is None:
            stdout = base + ".stdout"
        if isinstance(stdout, str):
            self.stdout_path = stdout
            stdout = open(stdout, "wb")
            opened.append(stdout)
        stderr = open(self.stderr_path, "wb")
        opened.append(stderr)
        try:
            self.popen = subprocess.Popen(
                [program] + self.argv[1:],
                stdin=subprocess.DEVNULL if stdin is None else stdin, stdout=stdout, stderr=stderr,
                cwd=cwd, env={**os.environ, **(env or {})},
                start_new_session=True, pass_fds=pass_fds, preexec_fn=_die_with_parent)
        finally:
            for f in opened:
                f.close()
        self.pid = self.popen.pid

    @property
    def returncode(self):
        return self.popen.poll()

    def alive(self):
        return self.popen.poll() is None

    def stderr(self):
        """Without the times that the tools put in front of lines: see --log-time."""
        with open(self.stderr_path, errors="replace") as f:
            return re.sub(r"^[\d-]{10}T[\d:.]{12}Z (?=srs-)", "", f.read(), flags=re.MULTILINE)

    def stdout(self):
        with open(self.stdout_path, errors="replace") as f:
            return f.read()

    def wait(self, seconds=PATIENCE):
        """The exit status (negative: the signal), or Failed if it goes on running."""
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} (pid {self.pid}) still runs after {seconds:g} s") from None

    def succeeds(self, seconds=PATIENCE):
        equal(self.wait(seconds), 0, f"exit status of {' '.join(self.argv)}")
        return self

    def signal(self, number):
        self.popen.send_signal(number)

    def stop(self, seconds=10.0):
        """Asks it to end at once, and its exit status. (At a SIGTERM a relay waits for its players to leave.)"""
        if self.alive():
            self.signal(signal.SIGINT if self.name == "srs-relay" else signal.SIGTERM)
        return self.wait(seconds)

    def wait_line(self, pattern, seconds=PATIENCE):
        """The match of the first line on stderr that the pattern is found in."""
        def found():
            match = re.search(pattern, self.stderr(), re.MULTILINE)
            check(match or self.alive(),
                  f"{self.name} ended (status {self.returncode}) without saying {pattern!r}:\n{self.stderr()}")
            return match
        return until(found, f"{self.name} to say {pattern!r}", seconds, 0.02)

    def address(self, scheme, index=0):
        """scheme://127.0.0.1:PORT of its index-th listener of that scheme (tools say where they listen)."""
        pattern = rf"listening on {scheme}://\S*?:(\d+)"
        def found():
            ports = re.findall(pattern, self.stderr())
            return ports[index] if len(ports) > index else None
        self.wait_line(pattern)
        return f"{scheme}://127.0.0.1:{until(found, f'listener {index} of {self.name}')}"

    def end(self):
        """Ends it and whatever it started, whatever state it is in."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.popen.wait()


class Test:
    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="srs-e2e-")
        os.chmod(self.dir, 0o755)  # a player that refuses to be root runs as nobody
        self.processes = []

    def path(self, name):
        return os.path.join(self.dir, name)

    def start(self, argv, **options):
        process = Process(argv, self.dir, len(self.processes), **options)
        self.processes.append(process)
        return process

    def run(self, argv, seconds=PATIENCE, **options):
        """Starts it and waits; the finished Process."""
        process = self.start(argv, **options)
        process.wait(seconds)
        return process

    def pipeline(self, *stages, stdin=None, stdout=None):
        """`a | b | c` with the pid of each known: the list of Processes."""
        processes = []
        previous = stdin
        for i, argv in enumerate(stages):
            read_end, write_end = os.pipe() if i + 1 < len(stages) else (None, stdout)
            processes.append(self.start(argv, stdin=previous, stdout=write_end))
            if isinstance(previous, int):
                os.close(previous)
            if read_end is not None:
                os.close(write_end)
            previous = read_end
        return processes

    def close(self, failed):
        for process in reversed(self.processes):
            try:
                process.end()
            except Exception:  # noqa: BLE001 - the others must be ended all the same
                traceback.print_exc()
        if failed:
            for process in self.processes:
                status = process.popen.returncode
                print(f"--- {' '.join(process.argv)} (status {status}) said:", file=sys.stderr)
                print(process.stderr()[-6000:], file=sys.stderr)
        if not (failed and os.environ.get("SRS_KEEP")):
            shutil.rmtree(self.dir, ignore_errors=True)
        else:
            print(f"kept {self.dir}", file=sys.stderr)


def main(test):
    """Runs test(Test) and exits: 0 passed, 1 failed. Cleans up on every way out."""
    name = "/".join(os.path.abspath(sys.argv[0]).removesuffix(".test.py").split("/")[-2:])

    def terminated(number, _frame):
        raise Failed(f"ended by signal {number}")

    signal.signal(signal.SIGTERM, terminated)
    signal.signal(signal.SIGINT, terminated)
    t = Test()
    failed = True
    started = time.monotonic()
    try:
        test(t)
        failed = False
    except Failed as error:
        print(f"{name}: {error}", file=sys.stderr)
        if os.environ.get("SRS_TRACE"):
            traceback.print_exc()
    except Exception:  # noqa: BLE001
        traceback.print_exc()
    finally:
        t.close(failed)
    print(f"{'FAIL' if failed else 'PASS'} {name} ({time.monotonic() - started:.1f} s)", flush=True)
    sys.exit(1 if failed else 0)
