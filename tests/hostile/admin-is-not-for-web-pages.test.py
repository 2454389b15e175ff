"""Requests that a web page can make an operator's browser send to --admin: with its own host name resolved to us (DNS rebinding), and
cross-site. Nothing is disclosed or done; addresses, localhost and --admin-host are answered as before."""

from scene import Scene, admin, harness
import crowds

CLOSE = "Connection: close"


def test(t):
    with Scene(t, relay=["--admin-host", "ops.example.org"]) as scene:
        for stage in scene.stages:
            base = scene.admin(stage)
            own = base.removeprefix("http://")
            with scene.attack(f"DNS rebinding and foreign origins at {stage.name}", memory_mb=4, lines=2):
                for path in "/metrics", "/api/streams", "/api/clients", "/healthz", "/none":
                    for host in "attacker.example", own.replace("127.0.0.1", "rebound.attacker.example"):
                        with crowds.connect(base) as client:
                            harness.equal(crowds.answers(client, crowds.request(path, CLOSE, host=host)), [403], f"{path} of {host}")
                    for origin in "http://attacker.example", "null", "http://127.0.0.1:1":
                        asked = crowds.request(path, f"Origin: {origin}", CLOSE, host=own)
                        with crowds.connect(base) as client:
                            harness.equal(crowds.answers(client, asked), [403], f"{path} for a page of {origin}")
                clients = admin.clients(base)
                for client_id in [client["id"] for client in clients]:
                    path = f"/api/clients/{client_id}"
                    for host, field in ((own, "Origin: http://attacker.example"), ("attacker.example", "Accept: */*"),
                                        ("attacker.example", "Origin: http://attacker.example")):
                        with crowds.connect(base) as client:
                            asked = crowds.request(path, field, CLOSE, method="DELETE", host=host)
                            harness.equal(crowds.answers(client, asked), [403], f"DELETE of {host} with {field}")
                with crowds.connect(base) as client:
                    asked = crowds.request("/api/clients/1", "Origin: http://attacker.example", "Access-Control-Request-Method: DELETE",
                                           CLOSE, method="OPTIONS", host=own)
                    harness.equal(crowds.answers(client, asked), [405], "a preflight")
                harness.check({c["id"] for c in clients} <= {c["id"] for c in admin.clients(base)}, "a client is gone")
                for host in own, "127.0.0.1", "localhost:9090", "[::1]", "10.0.0.7:9090":
                    with crowds.connect(base) as client:
                        harness.equal(crowds.answers(client, crowds.request("/healthz", CLOSE, host=host)), [200], f"/healthz of {host}")
        relay = scene.admin(scene.server.relay)
        for host, origin in (("ops.example.org", "https://ops.example.org"), ("127.0.0.1", "https://ops.example.org")):
            with crowds.connect(relay) as client:
                asked = crowds.request("/metrics", f"Origin: {origin}", CLOSE, host=host)
                harness.equal(crowds.answers(client, asked), [200], f"{host} for a page of {origin}, which --admin-host names")


harness.main(test)
