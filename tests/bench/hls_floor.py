"""The least work of a packager of files: reads stdin, writes files of a segment's size, deletes old ones.

    hls_floor.py DIRECTORY WINDOW SEGMENT_BYTES
"""

import collections
import os
import sys

READ = 1 << 20
BEHIND = 6      # files kept after they leave the window, since players may still request them


def main(directory, window, segment):
    buffer = memoryview(bytearray(READ))
    names = collections.deque()
    out, left, number = None, 0, 0
    while size := os.readv(0, [buffer]):
        if left <= 0:
            if out is not None:
                os.close(out)
            names.append(os.path.join(directory, str(number)))
            out = os.open(names[-1], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            number, left = number + 1, segment
            if len(names) > window + BEHIND:
                os.unlink(names.popleft())
        os.write(out, buffer[:size])
        left -= size


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
