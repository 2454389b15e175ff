"""Origins and edges of one test: relays that fetch from each other."""

import flv
import harness
import media


class Origin:
    """A file played over and over in real time into a relay: origins started together agree on the time of a frame."""

    def __init__(self, t, *options, file="long.flv", path="live/cam", port=0):
        self.ingest, self.relay = t.pipeline(
            ["srs-ingest", "--realtime", "--loop", media.fixture(file)],
            ["srs-relay", "--stream", path, "--listen", f"rtmp://127.0.0.1:{port}", "--listen", "http://127.0.0.1:0", *options])
        self.rtmp = self.relay.address("rtmp")
        self.http = self.relay.address("http")

    def kill(self):
        self.relay.end()
        self.ingest.end()


def start_edge(t, *options):
    """A relay that only fetches. Address with .address("rtmp"), .address("http")."""
    edge = t.start(["srs-relay", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0", *options])
    edge.address("http")
    return edge


def record(t, url, name):
    """curl as a player that writes down whatever comes: (process, path of the FLV)."""
    path = t.path(name)
    return t.start(["curl", "--silent", "--show-error", "--no-buffer", "--fail", "--max-time", "90", url], stdout=path), path


def wait_media(path, count, what):
    """Until `count` more frames have come than there are now."""
    before = flv.media_in(path)
    harness.until(lambda: flv.media_in(path) >= before + count, what)


def video_steps(path):
    """(time, step to the next) of each pair of neighbouring frames of the picture, in ms."""
    times = [tag.time for tag in flv.tags_of_file(path) if tag.kind == flv.VIDEO and flv.is_media(tag)]
    return [(a, b - a) for a, b in zip(times, times[1:])]


def discontinuities(path):
    return sum(1 for tag in flv.tags_of_file(path) if flv.is_discontinuity(tag))
