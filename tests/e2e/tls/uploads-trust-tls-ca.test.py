"""srs-hls --upload https://: files reach an origin whose certificate --tls-ca names, and none reach it without."""

import http.server
import ssl
import threading

import harness
import media
import tls


class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    names = set()

    def do_PUT(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.names.add(self.path)
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_DELETE = do_PUT

    def log_message(self, *_):
        pass


def test(t):
    certificate = tls.Certificate(t)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.path, certificate.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"https://localhost:{server.server_port}/up"

    def upload(*options):
        return t.pipeline(["srs-ingest", "--realtime", "--loop", media.fixture("long.flv")],
                          ["srs-hls", "--stream", "live/a", "--target", "1s", "--upload", url, *options])[1]

    refused = upload()
    refused.wait_line("certificate")
    harness.equal(Origin.names, set(), "what an origin got that is not trusted")
    upload("--tls-ca", certificate.path)
    harness.until(lambda: "/up/live/a.m3u8" in Origin.names and any(name.endswith(".ts") for name in Origin.names), "files at the origin")


harness.main(test)
