"""Something between two HTTP servers that counts what is asked for, and is slow, so that requests meet."""

import collections
import http.client
import http.server
import threading
import time


class CountingProxy:
    """Listens on a free port of its own: `.port`. `.counts` is how often each path was asked for."""

    def __init__(self, target_port, delay=0.0):
        self.counts = collections.Counter()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.counts[self.path] += 1
                time.sleep(delay)
                try:
                    upstream = http.client.HTTPConnection("127.0.0.1", target_port, timeout=10)
                    upstream.request("GET", self.path)
                    answer = upstream.getresponse()
                    body = answer.read()
                except OSError:
                    self.close_connection = True
                    return  # as a server that is gone
                self.send_response(answer.status)
                for name in ("Content-Type", "Cache-Control", "ETag", "Last-Modified"):
                    if answer.headers[name]:
                        self.send_header(name, answer.headers[name])
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
