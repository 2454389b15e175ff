"""srs-bench of an old stream: no gap, nothing out of order, nothing but the file's content, and latencies that can be."""

import json

import old_streams  # first, since it finds the others

import harness

PLAYERS = 4


def test(t, name):
    stream = old_streams.make(t, name)
    ingest, relay = t.pipeline(["srs-ingest", "--realtime", "--name", "live/x", stream.path],
                               ["srs-relay", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0"])
    urls = [relay.address("rtmp") + "/live/x", relay.address("http") + "/live/x.flv?annotations=1"]
    benches = [t.start(["srs-bench", "--json", "-n", str(PLAYERS), "--verify", "all", "--for", "3s", "--reference", old_streams.source(t), "play", url])
               for url in urls]
    for url, bench in zip(urls, benches):
        harness.equal(bench.wait(), 0, f"status of {url}: {bench.stderr()} {bench.stdout()}")
        report = json.loads(bench.stdout())
        verified = report["verified"]
        harness.equal((verified["mismatched"], verified["out_of_order"], verified["timestamp_gaps"]), (0, 0, 0), f"{name} {url}: {verified}")
        harness.check(verified["messages"] > 100 * PLAYERS, f"{name} {url}: {verified}")
        if "annotations" in url:
            latency = report["latency_ms"]
            harness.check(latency["count"] > 0 and latency["max"] < 60_000, f"{name} {url}: {latency}")
    harness.equal((ingest.wait(), relay.wait()), (0, 0), f"exit statuses: {relay.stderr()}")


old_streams.main(test)
