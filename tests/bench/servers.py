"""The compared servers. Each is started for one measurement and stopped after it.

    server = servers.KINDS["srs-relay"].start(t, Setting(protocol="rtmp", flush="auto", ...))
    server.publish_url  # None: it needs no publisher
    server.play_url
    server.pid

unavailable() of a kind returns the reason why it cannot be measured, or None.
"""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass

import harness
import streams

STREAM = "live/bench"
NGINX_MODULE = "/usr/lib/nginx/modules/ngx_rtmp_module.so"
NMS = "node-media-server"
DESCRIPTORS = 20000


@dataclass(frozen=True)
class Setting:
    """A server's configuration."""
    protocol: str = "rtmp"  # or "http"
    flush: str = ""         # of srs-relay and the floor; empty: the server has no such option
    threads: int = 1        # likewise
    input: str = ""         # the FLV file to publish, or for the floor to play


@dataclass
class Server:
    process: harness.Process
    play: str            # "rtmp://127.0.0.1:1935/{}" with the stream's path to be filled in
    publish: str | None  # likewise

    @property
    def pid(self):
        return self.process.pid

    def play_url(self, path=STREAM):
        return self.play.format(path)

    def publish_url(self, path=STREAM):
        return self.publish and self.publish.format(path)


class Floor:
    name = "floor"
    protocols = ("rtmp", "http")
    flushes = True

    @staticmethod
    def unavailable():
        path = os.path.join(harness.BIN, "bench-floor")
        return None if os.path.exists(path) else f"{path} is not built"

    @staticmethod
    def start(t, setting):
        process = t.start([os.path.join(harness.BIN, "bench-floor"), "--flush", setting.flush,
                           "--threads", str(setting.threads),
                           "--listen", setting.protocol + "://127.0.0.1:0", setting.input])
        return Server(process, process.address(setting.protocol) + "/{}", None)


class Relay:
    name = "srs-relay"
    protocols = ("rtmp", "http")
    flushes = True

    @staticmethod
    def unavailable():
        path = os.path.join(harness.BIN, "srs-relay")
        return None if os.path.exists(path) else f"{path} is not built"

    @staticmethod
    def start(t, setting):
        process = t.start(["srs-relay", "--no-stdin", "--accept-publish", "--flush", setting.flush,
                           "--threads", str(setting.threads),
                           "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0"])
        rtmp = process.address("rtmp") + "/{}"
        play = rtmp if setting.protocol == "rtmp" else process.address("http") + "/{}.flv"
        return Server(process, play, rtmp)


class Nginx:
    """nginx with its RTMP module, as Debian has it: one worker, since a stream lives in one; RTMP only."""
    name = "nginx-rtmp"
    protocols = ("rtmp",)
    flushes = False

    @staticmethod
    def unavailable():
        if not os.path.exists(NGINX_MODULE):
            return "nginx has no RTMP module here (Debian: libnginx-mod-rtmp)"
        return None if Nginx.program() else "nginx is not installed"

    @staticmethod
    def program():
        return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")

    @staticmethod
    def start(t, setting):
        port = harness.free_port()
        config = t.path(f"nginx-{port}.conf")
        with open(config, "w") as f:
            f.write(f"""load_module {NGINX_MODULE};
user root;
daemon off;
worker_processes 1;
worker_rlimit_nofile {DESCRIPTORS};
pid {t.path('nginx.pid')};
error_log stderr error;
events {{ worker_connections {DESCRIPTORS - 1000}; }}
rtmp {{
  access_log off;
  server {{
    listen 127.0.0.1:{port};
    application live {{ live on; }}
  }}
}}
""")
        process = t.start([Nginx.program(), "-p", t.dir, "-c", config])
        harness.until(lambda: harness.accepts(port), "nginx to listen")
        url = f"rtmp://127.0.0.1:{port}/{{}}"
        return Server(process, url, url)


class NodeMediaServer:
    """node-media-server, from npm into the cache folder when it is first needed."""
    name = NMS
    protocols = ("rtmp", "http")
    flushes = False

    @staticmethod
    def program():
        return os.path.join(streams.cache_folder("npm"), "node_modules", NMS, "bin", "app.js")

    @staticmethod
    def unavailable():
        if not shutil.which("node"):
            return "node is not installed"
        if os.path.exists(NodeMediaServer.program()):
            return None
        if not shutil.which("npm"):
            return "npm is not installed"
        installed = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error",
                                    "--prefix", streams.cache_folder("npm"), NMS], stdout=subprocess.DEVNULL)
        return None if installed.returncode == 0 else f"npm cannot install {NMS}"

    @staticmethod
    def start(t, setting):
        rtmp, http = harness.free_port(), harness.free_port()
        config = t.path("nms.json")
        with open(config, "w") as f:
            json.dump({"bind": "127.0.0.1", "rtmp": {"port": rtmp}, "http": {"port": http},
                       "auth": {"play": False, "publish": False}, "store": {"path": t.path("nms")},
                       "record": {"auto": False, "path": t.path("nms-record")}}, f)
        process = t.start(["node", NodeMediaServer.program(), "--no-admin", "-c", config], cwd=t.dir)
        for port in (rtmp, http):
            harness.until(lambda port=port: harness.accepts(port), f"{NMS} to listen")
        publish = f"rtmp://127.0.0.1:{rtmp}/{{}}"
        play = publish if setting.protocol == "rtmp" else f"http://127.0.0.1:{http}/{{}}.flv"
        return Server(process, play, publish)


KINDS = {kind.name: kind for kind in (Floor, Relay, Nginx, NodeMediaServer)}
