"""--admin with rules: reading and cutting off are two rights; health checks need none. Without rules only this machine is answered."""

import admin
import harness
import rights

RULES = """
[keys.prometheus]
key = "secret-of-prometheus"
allow = ["admin.read"]

[keys.operator]
key = "secret-of-operator"
allow = ["admin.read", "admin.write"]

[anyone]
allow = ["publish,play"]
"""


def test(t):
    server = rights.Guarded(t, RULES)
    server.publisher("live/cam1")
    for stage in server.server.stages:
        base = admin.address(stage)
        for path, without in (("/healthz", 200), ("/readyz", 200), ("/metrics", 401), ("/api/streams", 401), ("/api/clients", 401)):
            harness.equal(rights.status(base + path), without, f"{stage.name} {path} without a key")
            harness.equal(rights.status(base + path, rights.bearer("wrong-secret")) in (200,), without == 200, f"{path} with a wrong key")
            harness.equal(rights.status(base + path, rights.bearer("secret-of-prometheus")), 200, f"{stage.name} {path} with a key")
        cut = base + "/api/clients/none"
        for key, wanted in (("secret-of-prometheus", 403), ("secret-of-operator", 404), ("wrong-secret", 401)):
            harness.equal(rights.status(cut, rights.bearer(key), "DELETE"), wanted, f"{stage.name} DELETE with {key}")


harness.main(test)
