"""Feeds a tool's stdin with the tags of an FLV file at their pace, some of them left out."""

import os
import threading
import time

import flv
import media


class Feed(threading.Thread):
    """fixture: of media.py. goes_on(tag): the tags that stand for this one, none if it is left out.

    The reading end is `stdin`, for the tool; begin() once that runs.
    """

    def __init__(self, fixture, goes_on, seconds=30):
        super().__init__(daemon=True)
        tags = [tag for tag in flv.tags_of_file(media.fixture(fixture)) if tag.time <= 1000 * seconds]
        self._tags = [made for tag in tags for made in goes_on(tag)]
        self.stdin, self._end = os.pipe()
        self._stopped = threading.Event()

    def begin(self):
        os.close(self.stdin)
        self.start()

    def run(self):
        begun = time.monotonic()
        try:
            os.write(self._end, flv.HEADER)
            for tag in self._tags:
                if self._stopped.wait(max(0.0, begun + tag.time / 1000 - time.monotonic())):
                    break
                self._write(flv.write_tag(tag.kind, tag.time, tag.body))
        except BrokenPipeError:
            pass
        finally:
            os.close(self._end)

    def _write(self, data):
        while data:
            data = data[os.write(self._end, data):]

    def stop(self):
        self._stopped.set()
        self.join()
