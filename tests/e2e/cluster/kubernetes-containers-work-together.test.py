"""What examples/cluster/kubernetes has its containers run, run here with the same arguments: an origin, an edge and a Redis with a
password find each other by the names of the services; probes get their answers; a stream published at the origin plays at the edge."""

import re

import dns
import flv
import harness
import manifests
import media

# In one network the two relays cannot have the same ports: the origin's are others.
_PORTS = {"origin": {"1935": "2935", "9090": "2090"}, "edge": {}}


def container(kind, name):
    return manifests.find(kind, name)["spec"]["template"]["spec"]["containers"][0]


def password():
    return manifests.find("Secret", "srs-registry")["stringData"]["password"]


def command(t, kind, name, ports):
    """Its command and its arguments as a kubelet would make them, but for the ports and where its volume is."""
    pod = {"POD_NAME": name + "-0", "POD_IP": "127.0.0.1"}
    given = container(kind, name)
    words = [re.sub(r"\$\((\w+)\)", lambda match: pod[match[1]], word) for word in given["command"] + given["args"]]
    words = [word.replace("=/etc/srs/", "=" + t.dir + "/") for word in words]
    return [re.sub(r":(\d+)$", lambda match: ":" + ports.get(match[1], match[1]), word) for word in words]


def environment(kind, name):
    """Its variables that are secrets; command() has put the others in."""
    return {v["name"]: password() for v in container(kind, name)["env"] if "secretKeyRef" in v["valueFrom"]}


def test(t):
    with open(t.path("access.toml"), "w") as f:
        f.write(manifests.find("Secret", "srs-access")["stringData"]["access.toml"])
    network = dns.start(t, ["--host-record=srs-registry,127.0.0.1", "--host-record=origin-0,127.0.0.1",
                            "--srv-host=_rtmp._tcp.srs-origins,origin-0,2935"])
    redis = t.start(network.inside(command(t, "Deployment", "srs-registry", {})), env=environment("Deployment", "srs-registry"))
    origin = t.start(network.inside(command(t, "StatefulSet", "srs-origin", _PORTS["origin"])), env=environment("StatefulSet", "srs-origin"))
    relay = t.start(network.inside(command(t, "Deployment", "srs-edge", _PORTS["edge"])), env=environment("Deployment", "srs-edge"))

    def answers(url):
        return t.run(network.inside(["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", url])).stdout() == "200"

    for kind, name, admin in (("StatefulSet", "srs-origin", 2090), ("Deployment", "srs-edge", 9090)):
        for probe in ("readinessProbe", "livenessProbe"):
            path = container(kind, name)[probe]["httpGet"]["path"]
            harness.until(lambda: answers(f"http://127.0.0.1:{admin}{path}"), f"{name} to answer {path}")  # noqa: B023

    t.start(network.inside(["ffmpeg", "-v", "error", "-stream_loop", "-1", "-re", "-i", media.fixture("long.flv"), "-c", "copy",
                            "-f", "flv", "rtmp://127.0.0.1:2935/live/cam?key=change-me-9f2c"]))

    def members():
        asked = t.run(network.inside(["redis-cli", "--raw", "-a", password(), "--no-auth-warning", "smembers", "srs:stream:live/cam"]))
        return asked.stdout().split()

    def record(name, file):
        t.start(network.inside(["curl", "--silent", "--show-error", "--no-buffer", "--fail", f"http://127.0.0.1:8080/{name}"]),
                stdout=t.path(file))
        return t.path(file)

    harness.until(lambda: members() == ["srs-origin-0"], "the origin to announce the stream")
    harness.check(redis.alive() and origin.alive() and relay.alive(), "a container ended by itself")
    recorded = record("live/cam.flv", "played.flv")
    harness.until(lambda: flv.media_in(recorded) > 50, "the stream at the edge")
    harness.check("rtmp://127.0.0.1:2935" in relay.stderr(), f"it did not come from where the registry says:\n{relay.stderr()}")

    # Without the registry the edge finds the origin by the records of the headless service.
    redis.end()
    t.start(network.inside(["ffmpeg", "-v", "error", "-stream_loop", "-1", "-re", "-i", media.fixture("long.flv"), "-c", "copy",
                            "-f", "flv", "rtmp://127.0.0.1:2935/live/other?key=change-me-9f2c"]))
    recorded = record("live/other.flv", "other.flv")
    harness.until(lambda: flv.media_in(recorded) > 50, "a stream that only the list of origins leads to")


harness.main(test)
