"""nginx with its RTMP module, as Debian has it: a server that is not ours, with a configuration of its own."""

import os

import harness

_MODULE = "/usr/lib/nginx/modules/ngx_rtmp_module.so"

_BEGINNING = """
load_module {module};
daemon off;
pid {folder}/nginx.pid;
error_log stderr notice;
worker_processes 1;
events {{ worker_connections 1024; }}
"""

_CONFIGURATION = """
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


def run(t, port, module, text):
    """A Process that listens on the port. text: of its configuration, behind what all have."""
    folder = t.path(f"nginx-{port}")
    os.makedirs(folder, exist_ok=True)
    configuration = f"{folder}/nginx.conf"
    with open(configuration, "w") as f:
        f.write(_BEGINNING.format(module=module, folder=folder) + text)
    server = t.start([program(), "-p", folder, "-c", configuration, "-e", "stderr"])
    harness.until(lambda: server.alive() and harness.accepts(port), "nginx to listen")
    return server


def start(t, port=0, directives=""):
    """A Process that listens; its `rtmp` is the application's URL. `directives` are more lines for the application."""
    port = port or harness.free_port()
    server = run(t, port, _MODULE, _CONFIGURATION.format(port=port, directives=directives))
    server.rtmp = f"rtmp://127.0.0.1:{port}/live"
    return server
