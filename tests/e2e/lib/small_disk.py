"""A disk that is soon full: 8 MB of memory in place of a folder. Needs root."""

import contextlib
import os
import subprocess


@contextlib.contextmanager
def mounted(folder):
    os.mkdir(folder)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8M", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(folder):
    """Path of the file that takes all the room that was left."""
    ballast = os.path.join(folder, "ballast")
    with open(ballast, "wb", buffering=0) as f:
        with contextlib.suppress(OSError):
            while True:
                f.write(bytes(4096))
    return ballast
