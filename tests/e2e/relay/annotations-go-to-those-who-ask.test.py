"""onClock script tags go to players whose URL says annotations=1, over HTTP-FLV and RTMP, and to nobody else; the media is the same."""

import os
import threading

import crowd
import flv
import harness
import media

QUERIES = {"": False, "?annotations=1": True, "?token=annotations=1": False, "?annotations=0": False, "?a=b&annotations=1": True}
LAST_MS = 2900  # within what the relay keeps in any case: no player can be too slow for that
CLOCKS = [500, 1200, 2400]


class Reader(threading.Thread):
    """Plays to the end of the stream and collects its tags."""

    def __init__(self, url, annotated):
        super().__init__(daemon=True)
        self.url, self.annotated, self.tags = url, annotated, []
        self.start()

    def run(self):
        return self.play_rtmp() if self.url.startswith("rtmp:") else self.play_http()

    def play_http(self):
        client, data = crowd.ask_http(self.url, receive_buffer=None), bytearray()
        while piece := client.recv(1 << 16):
            data += piece
            self.tags = flv.tags(bytes(data).partition(b"\r\n\r\n")[2])

    def play_rtmp(self):
        for tag in crowd.ask_rtmp(self.url, receive_buffer=None).tags():
            self.tags.append(tag)

    def media(self):
        return [(tag.kind, tag.time, tag.body) for tag in self.tags if flv.is_media(tag)]

    def clocks(self):
        scripts = [(tag.time, *flv.script(tag)) for tag in self.tags if tag.kind == flv.SCRIPT]
        return [(time, value) for time, name, value in scripts if name == "onClock"]


def test(t):
    tags = [tag for tag in flv.tags_of_file(media.fixture("h264_aac.flv")) if tag.time < LAST_MS]
    key_frame = next(i for i, tag in enumerate(tags) if flv.is_key_frame(tag))
    utc = {time: {"utc": 1.7e12 + time} for time in CLOCKS}
    tags += [flv.Tag(flv.SCRIPT, time, 0, flv.amf("onClock") + flv.amf(value)) for time, value in utc.items()]
    tags[key_frame + 1:] = sorted(tags[key_frame + 1:], key=lambda tag: tag.time)
    # Both tracks are there, and no clock yet.
    joined = next(i for i, tag in enumerate(tags) if tag.time > 200)

    read_end, write_end = os.pipe()
    relay = t.start(["srs-relay", "--stream", "live/x", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0"],
                    stdin=read_end)
    os.close(read_end)
    urls = [relay.address("rtmp") + "/live/x", relay.address("http") + "/live/x.flv"]
    with os.fdopen(write_end, "wb") as pipe:
        written = [flv.write_tag(tag.kind, tag.time, tag.body) for tag in tags]
        pipe.write(flv.HEADER + b"".join(written[:joined]))
        pipe.flush()
        readers = [Reader(url + query, annotated) for url in urls for query, annotated in QUERIES.items()]
        harness.until(lambda: all(reader.media() for reader in readers), "all players to begin")
        pipe.write(b"".join(written[joined:]))
    for reader in readers:
        reader.join(20)
        harness.check(not reader.is_alive(), f"{reader.url}: the stream does not end")
    harness.equal(relay.wait(10), 0, "exit status")

    wanted = [(tag.kind, tag.time, tag.body) for tag in tags[key_frame:] if flv.is_media(tag)]
    for reader in readers:
        harness.equal(len(reader.media()), len(wanted), f"{reader.url}: media tags")
        harness.check(reader.media() == wanted, f"{reader.url}: the media differs from what went in")
        harness.equal(reader.clocks(), list(utc.items()) if reader.annotated else [], f"{reader.url}: clocks")


harness.main(test)
