"""Certificates made on the spot, and TLS in front of a server that speaks none: nginx with its stream module."""

import json
import ssl
import subprocess
import urllib.error
import urllib.parse
import urllib.request

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


def _openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, timeout=30, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Certificate:
    """Signed by itself or by `issuer`; `path` is what a client that trusts it names. For `name`, whose files it is in, and 127.0.0.1,
    or for `names`."""

    def __init__(self, t, name="localhost", issuer=None, names=None):
        self.path, self.key = t.path(f"{name}.crt"), t.path(f"{name}.key")
        signed = ["-CA", issuer.path, "-CAkey", issuer.key, "-addext", "basicConstraints=CA:FALSE"] if issuer else []
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.key,
                 "-out", self.path, "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName={names or f'DNS:{name},IP:127.0.0.1'}", *signed)

    def options(self):
        """For a tool that listens."""
        return ["--tls-cert", self.path, "--tls-key", self.key]


def shown(url, name):
    """The certificate that a server shows to who asks for this name, in PEM."""
    at = urllib.parse.urlsplit(url)
    asked = subprocess.run(["openssl", "s_client", "-connect", f"{at.hostname}:{at.port}", "-servername", name], stdin=subprocess.DEVNULL,
                           capture_output=True, timeout=harness.PATIENCE, check=False).stdout.decode()
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    return begin + asked.split(begin)[1].split(end)[0] + end + "\n" if begin in asked else ""


def read(path):
    with open(path) as f:
        return f.read()


def ask(url, trusted, own=None, method="GET"):
    """(status, text) of an answer; ssl.SSLError or OSError if there is none. own: the Certificate to show."""
    context = ssl.create_default_context(cafile=trusted.path)
    if own:
        context.load_cert_chain(own.path, own.key)
    try:
        request = urllib.request.Request(url, method=method)
        with urllib.request.urlopen(request, timeout=harness.PATIENCE, context=context) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode()


def get_json(url, trusted, own=None):
    return json.loads(ask(url, trusted, own)[1])


def start(t, certificate, upstream_port):
    """A Process that takes TLS; its `port` leads to the plain upstream port."""
    port = harness.free_port()
    server = nginx.run(t, port, _MODULE, _CONFIGURATION.format(port=port, certificate=certificate.path, key=certificate.key,
                                                               upstream=f"127.0.0.1:{upstream_port}"))
    server.port = port
    return server
