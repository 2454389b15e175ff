"""examples/install-packages asks for each package once, whatever lists it is in. (With a dpkg and an apt-get that do nothing.)"""

import os

import harness


def test(t):
    for name, does in {"dpkg-query": "exit 1", "sudo": 'exec "$@"', "apt-get": f'echo "$@" >>{t.path("asked")}'}.items():
        with open(t.path(name), "w") as f:
            f.write(f"#!/bin/sh\n{does}\n")
        os.chmod(t.path(name), 0o755)
    t.run([os.path.join(harness.SOURCE, "examples", "install-packages"), "build", "test", "fuzz", "build"],
          env={"PATH": f"{t.dir}:{os.environ['PATH']}"}).succeeds()
    with open(t.path("asked")) as f:
        packages = f.read().splitlines()[-1].split(" install ")[1].split()
    harness.check("g++" in packages and "ffmpeg" in packages and "clang" in packages, f"asked for {packages}")
    harness.equal(sorted(packages), sorted(set(packages)), "packages asked for")


harness.main(test)
