"""A Low-Latency HLS server that does wrong what a test wants it to. Its media are bytes, and nothing else.

The first folder of a path says what is wrong: /FAULT/live.m3u8. A stream goes on with the clock: parts of 0.1 s,
segments of a second.
"""

import http.server
import threading
import time

PART = 0.1
PARTS = 10     # of a segment
WINDOW = 6
PART_SIZE = 1000
FIRST = 100    # media sequence number at the start
STALL_AT, STALL_FOR = 3.0, 3.0
TURN_AT = 3.0  # when some faults begin


class Stream:
    """What there is of a stream at a time: `count` parts since its start."""

    def __init__(self, fault, started):
        self.fault, self.started = fault, started

    def age(self):
        return time.monotonic() - self.started

    def count(self):
        age = self.age()
        if self.fault == "stall" and age > STALL_AT:
            age = max(STALL_AT, age - STALL_FOR)
        return WINDOW * PARTS + int(age / PART)

    def part_name(self, number):
        return f"p{number}.m4s"

    def playlist(self, plain):
        count = self.count()
        whole = count // PARTS
        first = whole - WINDOW
        shift = -20 if self.fault == "back" and self.age() > TURN_AT else 0
        lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:1", f"#EXT-X-MEDIA-SEQUENCE:{FIRST + first + shift}"]
        if not plain:
            lines += ["#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.3",
                      f"#EXT-X-PART-INF:PART-TARGET={PART}"]
        lines.append('#EXT-X-MAP:URI="init.mp4"')
        for segment in range(first, whole + 1):
            parts = range(segment * PARTS, min((segment + 1) * PARTS, count))
            if not plain and segment >= whole - 3:
                lines += [f'#EXT-X-PART:DURATION={PART},URI="{self.part_name(n)}"'
                          + (",INDEPENDENT=YES" if n % PARTS == 0 else "") for n in parts]
            if segment < whole:
                lines += ["#EXTINF:1.0,", f"s{segment}.m4s"]
        if not plain:
            hint = "x" if self.fault == "renamed" else ""
            lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{hint}{self.part_name(count)}"')
        return "\n".join(lines) + "\n"

    def wait(self, count):
        """Until there are so many parts; False after five seconds."""
        end = time.monotonic() + 5
        while self.count() < count:
            if time.monotonic() > end:
                return False
            time.sleep(0.005)
        return True


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", chunked=False):
        self.send_response(status)
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
            body = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + 300]), body[i:i + 300])
                            for i in range(0, len(body), 300)) + b"0\r\n\r\n"
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        # As one write: the rest would wait for an acknowledgement.
        self.wfile.write(body)

    def do_GET(self):
        path, _, query = self.path.partition("?")
        _, fault, name = path.split("/", 2)
        stream = self.server.streams.setdefault(fault, Stream(fault, time.monotonic()))
        if fault == "nothing":
            return self.answer(404)
        if fault == "away" and stream.age() > TURN_AT:
            return self.answer(500)
        if fault == "silent" and stream.age() > TURN_AT:
            return self.connection.close()
        if name == "live.m3u8" and fault == "demuxed":
            return self.answer(200, b'#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="audio.m3u8"\n'
                                    b'#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\nlow.m3u8\n'
                                    b'#EXT-X-STREAM-INF:BANDWIDTH=2,AUDIO="a"\nvideo.m3u8\n')
        if name.endswith(".m3u8"):
            return self.answer_playlist(stream, dict(pair.split("=") for pair in query.split("&") if pair))
        if name == "init.mp4" or name.startswith("s"):
            return self.answer(200, b"." * PART_SIZE, chunked=fault == "plain")
        self.answer_part(stream, name)

    def answer_playlist(self, stream, asked):
        if "_HLS_msn" in asked:
            number = (int(asked["_HLS_msn"]) - FIRST) * PARTS + int(asked["_HLS_part"])
            if not stream.wait(number + 1):
                return self.answer(503)
        self.answer(200, stream.playlist(stream.fault == "plain").encode(), chunked=stream.fault == "plain")

    def answer_part(self, stream, name):
        number = int(name.strip("xp.m4s"))
        if stream.fault == "missing" and number % 30 == 17:
            return self.answer(404)
        if not stream.wait(number + 1):
            return self.answer(503)
        self.answer(200, b"." * PART_SIZE)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.streams = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # players leave when they like

    def url(self, fault):
        return f"http://127.0.0.1:{self.server_port}/{fault}/live.m3u8"
