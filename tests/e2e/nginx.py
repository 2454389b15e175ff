"""nginx with its RTMP module, as Debian has it: a server that is not ours, with a configuration of its own."""

import os

import harness

_MODULE = "/usr/lib/nginx/modules/ngx_rtmp_module.so"

_CONFIGURATION = """
load_module {module};
daemon off;
pid {folder}/nginx.pid;
error_log stderr notice;
worker_processes 1;
events {{ worker_connections 1024; }}
rtmp {{
    server {{
        listen 127.0.0.1:{port};
        application live {{ live on; wait_key on; publish_notify on; {directives} }}
    }}
}}
"""


def program():
    """The path of nginx, or None where it or its RTMP module is not installed."""
    found = "/usr/sbin/nginx"
    return found if os.path.exists(found) and os.path.exists(_MODULE) else None


def start(t, port=0, directives=""):
    """A Process that listens; its `rtmp` is the application's URL. `directives` are more lines for the application."""
    port = port or harness.free_port()
    configuration = t.path(f"nginx-{port}.conf")
    with open(configuration, "w") as f:
        f.write(_CONFIGURATION.format(module=_MODULE, folder=t.dir, port=port, directives=directives))
    server = t.start([program(), "-p", t.dir, "-c", configuration, "-e", "stderr"])
    harness.until(lambda: server.alive() and harness.accepts(port), "nginx to listen")
    server.rtmp = f"rtmp://127.0.0.1:{port}/live"
    return server
