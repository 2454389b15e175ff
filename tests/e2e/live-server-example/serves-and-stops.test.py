"""examples/live-server serves its test stream in all three ways, and stops cleanly on Ctrl-C and by --for."""

import os
import re
import signal

import harness
import rtmp
from players import streams


def start(t, *options):
    ports = {name: harness.free_port() for name in ("PUBLISH", "RTMP", "HTTP", "HLS")}
    env = {f"SRS_{name}_PORT": str(port) for name, port in ports.items()}
    env.update(SRS_ADDRESS="127.0.0.1", SRS_WWW=t.path("www"), SRS_ACCESS=t.path("access.toml"), SRS_BIN=harness.BIN)
    server = t.start([os.path.join(harness.SOURCE, "examples", "live-server"), *options], env=env)
    harness.until(lambda: "Ctrl-C" in server.stdout() or not server.alive(), "the URLs")
    harness.check(server.alive(), f"live-server ended: {server.stderr()}")
    return server, ports


def no_listener(ports):
    return not any(harness.accepts(port) for port in ports.values())


def test(t):
    server, ports = start(t)
    for url in (f"rtmp://127.0.0.1:{ports['RTMP']}/live/test", f"http://127.0.0.1:{ports['HTTP']}/live/test.flv"):
        harness.check(url in server.stdout(), f"{url} is not printed:\n{server.stdout()}")
        streams.ffmpeg_play(t, url, 15)
    keyed = re.search(r"rtmp://\S+/live/NAME\?key=[0-9a-f]{24}", server.stdout())
    harness.check(keyed, f"no key is printed:\n{server.stdout()}")
    published = keyed.group().replace("localhost", "127.0.0.1").replace("NAME", "own")
    for url, wanted in ((published.split("?")[0], False), (published, True)):
        client = rtmp.Client(url.split("?")[0])
        code = client.publish(client.name + url[len(url.split("?")[0]):])
        client.close()
        harness.equal(code == "NetStream.Publish.Start", wanted, f"{url}: {code}")
    playlist = t.path("www/live/test/av.m3u8")
    harness.until(lambda: os.path.exists(playlist), playlist)
    server.signal(signal.SIGINT)
    harness.equal(server.wait(20), 0, f"exit status after Ctrl-C:\n{server.stderr()}")
    harness.check(no_listener(ports), "a stage still listens after Ctrl-C")
    with open(playlist) as f:
        harness.check("#EXT-X-ENDLIST" in f.read(), "the playlist was not finished")

    server, ports = start(t, "--no-test-stream", "--for", "2s")
    harness.equal(server.wait(30), 0, f"exit status of --for 2s:\n{server.stderr()}")
    harness.check(no_listener(ports), "a stage still listens after --for")


harness.main(test)
