"""Every metric that the alerts and docs/monitoring.md name is in the output of running tools, every one of the output is documented, and promtool finds no fault."""

import os
import re

import admin
import edge
import harness
import media
from players import streams
from redis_server import RedisServer


def families(text):
    return set(re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE))


def test(t):
    ingest, relay, hls = t.pipeline(
        ["srs-ingest", "--listen", "rtmp://127.0.0.1:0", *admin.OPTION],
        ["srs-relay", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0", "--pass",
         "--push", f"rtmp://127.0.0.1:{harness.free_port()}/live/secret", *admin.OPTION],
        ["srs-hls", "--listen", "http://127.0.0.1:0", *admin.OPTION, "--record", t.path("recordings"), t.path("www")])
    streams.ffmpeg_publish(t, ingest.address("rtmp") + "/live/a", media.fixture("long.flv"))
    edge_relay = edge.start_edge(t, "--origin", relay.address("rtmp"), "--registry", RedisServer(t).url, *admin.OPTION)
    streams.ffmpeg_play(t, edge_relay.address("rtmp") + "/live/a", 25)
    harness.until(lambda: admin.value(admin.address(hls), "srs_hls_segments_total", stream="live/a"), "a segment")

    texts = {}
    for name, process in (("srs-ingest", ingest), ("srs-relay", relay), ("srs-hls", hls), ("edge", edge_relay)):
        texts[name] = admin.metrics_text(admin.address(process))
        path = t.path(name + ".metrics")
        with open(path, "w") as f:
            f.write(texts[name])
        promtool = t.run(["promtool", "check", "metrics"], stdin=path)
        harness.check(promtool.returncode == 0 and not promtool.stdout() + promtool.stderr(),
                      f"promtool check metrics on {name}:\n{promtool.stdout()}{promtool.stderr()}")
        status = admin.ask(admin.address(process) + "/metrics", "HEAD")
        harness.equal((status[0], status[2]), (200, ""), f"HEAD of {name}")
    harness.check("secret" not in texts["srs-relay"], "a stream key is shown")
    harness.equal(admin.value(admin.address(edge_relay), "srs_origin_healthy", origin=relay.address("rtmp")), 1, "health of the origin")
    harness.equal(admin.get_json(admin.address(hls) + "/api/streams")[0]["stream"], "live/a", "srs-hls's stream")

    # With a sample, not only by name: a rule over nothing never fires.
    sampled = {name for text in texts.values() for name, _ in admin.samples(text)}
    with open(os.path.join(harness.SOURCE, "examples", "cluster", "prometheus-alerts.yml")) as f:
        named = {name for expr in re.findall(r"expr: (.*)", f.read()) for name in re.findall(r"\b(?:srs|process)_\w+", expr)}
    harness.check(len(named) > 15, f"only {sorted(named)} in the rules")
    harness.equal(sorted(named - sampled), [], "metrics in the alerts that no tool gives out")

    with open(os.path.join(harness.SOURCE, "docs", "monitoring.md")) as f:
        documented = set(re.findall(r"^\| `(\w+)`", f.read(), re.MULTILINE))
    given = set().union(*(families(text) for text in texts.values()))
    harness.equal(sorted(given - documented), [], "metrics that docs/monitoring.md does not explain")
    harness.equal(sorted(documented - given), [], "metrics in docs/monitoring.md that no tool has")


harness.main(test)
