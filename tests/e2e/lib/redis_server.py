"""A Redis server of one test: on a free port, with nothing on disk."""

import subprocess

import harness


class RedisServer:
    def __init__(self, t, *options):
        self.t = t
        self.options = options
        self.port = harness.free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        self.process = self.t.start(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
             "--dir", self.t.dir, *self.options])
        harness.until(lambda: harness.accepts(self.port), "Redis to listen")

    def kill(self):
        self.process.end()

    def ask(self, *words):
        """What redis-cli prints for a command."""
        done = subprocess.run(["redis-cli", "-p", str(self.port), *words], capture_output=True, text=True, timeout=10, check=True)
        return done.stdout.strip()

    def holders(self, path):
        """The keys of the nodes that hold a stream now."""
        return sorted(self.ask("--raw", "KEYS", f"srs:holder:*:{path}").split())
