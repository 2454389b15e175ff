"""nginx as examples/cluster has it in front of srs-hls."""

import os

import harness


def start_nginx(t, upstream_port):
    """The example as it is, but for its ports."""
    port = harness.free_port()
    with open(os.path.join(harness.SOURCE, "examples", "cluster", "nginx-hls-cache.conf")) as f:
        text = f.read()
    for given, ours in (("server 127.0.0.1:8081;", f"server 127.0.0.1:{upstream_port};"),
                        ("listen 8088;", f"listen 127.0.0.1:{port};")):
        harness.equal(text.count("    " + given), 1, f"lines '{given}' in the example")
        text = text.replace("    " + given, "    " + ours)
    configuration = t.path("nginx.conf")
    with open(configuration, "w") as f:
        f.write(text)
    folder = t.path("cache")
    os.mkdir(folder)
    os.chmod(folder, 0o777)  # nginx's workers are nobody when its master is root
    nginx = t.start(["/usr/sbin/nginx", "-e", "stderr", "-p", folder, "-c", configuration, "-g", "daemon off;"])
    harness.until(lambda: nginx.alive() and harness.accepts(port), "nginx to listen")
    return nginx, port
