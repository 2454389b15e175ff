"""nginx as an HTTP origin that files are PUT to, and that serves them."""

import os

import harness

_CONFIGURATION = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr error;
worker_processes 1;
user root;
events {{ worker_connections 256; }}
http {{
    log_format requests '$request_method $uri $status';
    access_log {folder}/access.log requests;
    types {{ application/vnd.apple.mpegurl m3u8; video/mp2t ts; video/mp4 mp4 m4s; }}
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_max_body_size 64m;
    map "$request_method $http_authorization" $refused {{
        default 1;
        "~^GET " 0;
        "~^HEAD " 0;
        "~ {authorization}$" 0;
    }}
    server {{
        listen 127.0.0.1:{port};
        root {folder}/files;
        location / {{
            if ($refused) {{ return 403; }}
            dav_methods PUT DELETE;
            create_full_put_path on;
            add_header Access-Control-Allow-Origin *;
        }}
    }}
}}
"""


class Origin:
    """Takes PUT and DELETE from who sends Authorization: Bearer `token`; `.url` is where."""

    def __init__(self, t, token="good"):
        self.t, self.port, self.folder = t, harness.free_port(), t.path("origin")
        os.makedirs(os.path.join(self.folder, "files"))
        self.url = f"http://127.0.0.1:{self.port}"
        self.configuration = t.path("origin.conf")
        with open(self.configuration, "w") as f:
            f.write(_CONFIGURATION.format(folder=self.folder, port=self.port, authorization=f"Bearer {token}"))
        self.start()

    def start(self):
        self.process = self.t.start(["/usr/sbin/nginx", "-p", self.folder, "-c", self.configuration, "-e", "stderr"])
        harness.until(lambda: self.process.alive() and harness.accepts(self.port), "nginx to listen")

    def file(self, name):
        return os.path.join(self.folder, "files", name)

    def text(self, name):
        """What is there by now; "" if nothing."""
        try:
            with open(self.file(name)) as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def requests(self, method):
        """[(path, status)] so far."""
        with open(os.path.join(self.folder, "access.log")) as f:
            lines = [line.split() for line in f]
        return [(line[1], int(line[2])) for line in lines if line[0] == method]
