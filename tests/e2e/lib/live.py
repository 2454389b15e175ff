"""The pipeline of the README, on ports of its own: ingest | relay --pass | hls."""

import signal

import harness


class LiveServer:
    """Three tools of one Test. Addresses are read from what the tools say on stderr."""

    def __init__(self, t, *sources, ingest_options=(), relay_options=(), hls_options=()):
        self.www = t.path("www")
        self.stages = t.pipeline(
            ["srs-ingest", "--listen", "rtmp://127.0.0.1:0", *sources, *ingest_options],
            ["srs-relay", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0", "--pass", *relay_options],
            ["srs-hls", "--listen", "http://127.0.0.1:0", *hls_options, self.www])
        self.ingest, self.relay, self.hls_stage = self.stages
        self._publish = self.ingest.address("rtmp")
        self._rtmp = self.relay.address("rtmp")
        self._http = self.relay.address("http")
        self._hls = self.hls_stage.address("http")

    def publish(self, name):
        return f"{self._publish}/{name}"

    def rtmp(self, name):
        return f"{self._rtmp}/{name}"

    def flv(self, name):
        return f"{self._http}/{name}.flv"

    def hls(self, name):
        return f"{self._hls}/{name}.m3u8"

    def playlist(self, name):
        """The text of the media playlist on disk, empty while there is none."""
        try:
            with open(f"{self.www}/{name}/av.m3u8") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def wait_segments(self, name, count):
        """Until `count` segments were listed at once."""
        harness.until(lambda: self.playlist(name).count("#EXTINF") >= count, f"{count} segments of {name}")

    def stop(self):
        """SIGTERM to the first stage; the others end because their input does, but for a relay that takes publishers. All must end well."""
        self.ingest.signal(signal.SIGTERM)
        for stage in self.stages:
            if "--accept-publish" in stage.argv:
                stage.signal(signal.SIGINT)
            harness.equal(stage.wait(), 0, f"exit status of {stage.name} after SIGTERM to srs-ingest:\n{stage.stderr()}")
