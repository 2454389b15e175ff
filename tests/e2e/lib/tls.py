"""Certificates made on the spot, and TLS in front of a server that speaks none: nginx with its stream module."""

import subprocess

import harness
import nginx

_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"

_CONFIGURATION = """
stream {{
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        proxy_pass {upstream};
    }}
}}
"""


class Certificate:
    """A self-signed certificate; `path` is what a client that trusts it names in SSL_CERT_FILE."""

    def __init__(self, t, name="localhost"):
        self.path, self.key = t.path(f"{name}.crt"), t.path(f"{name}.key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", self.key, "-out", self.path, "-days", "2", "-subj", f"/CN={name}",
                        "-addext", f"subjectAltName=DNS:{name}"],
                       check=True, timeout=30, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def start(t, certificate, upstream_port):
    """A Process that takes TLS; its `port` leads to the plain upstream port."""
    port = harness.free_port()
    server = nginx.run(t, port, _MODULE, _CONFIGURATION.format(port=port, certificate=certificate.path, key=certificate.key,
                                                               upstream=f"127.0.0.1:{upstream_port}"))
    server.port = port
    return server
