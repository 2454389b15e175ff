"""--push-file: destinations that are added get the streams that are on, those that are taken out get their end; a file that cannot be
read changes nothing, and what is said of a bad one has no key in it."""

import os
import signal

import harness
import media
import pushes
from players import streams

KEY = "s3cret-k3y"


def test(t):
    first, second = pushes.start_server(t), pushes.start_server(t)
    urls = [f"{server.address('rtmp')}/app/{KEY}-{i}" for i, server in enumerate((first, second))]
    file = t.path("destinations")

    def write(text):
        with open(file, "w") as f:
            f.write(text)

    write(f"# where it goes\n\n  {urls[0]}  \n")
    relay = pushes.start_server(t, "--push-file", file)
    publish = relay.address("rtmp") + "/live/a"
    streams.ffmpeg_publish(t, publish, media.fixture("long.flv"))
    first.wait_line(f"app/{KEY}-0: published by")

    write("\n".join(urls))
    relay.signal(signal.SIGHUP)
    second.wait_line(f"app/{KEY}-1: published by")
    # Two that look the same without their keys can be told apart.
    write("\n".join([*urls, urls[1] + "-too"]))
    relay.signal(signal.SIGHUP)
    relay.wait_line(r"live/a: push to \S+/app/\*\*\*#2 begins")
    write(urls[1])
    relay.signal(signal.SIGHUP)
    first.wait_line(f"app/{KEY}-0: publisher .* is gone: it stopped publishing")
    write(f"{urls[1]}\nhttp://127.0.0.1/{KEY}")
    relay.signal(signal.SIGHUP)
    relay.wait_line(r"error: --push-file: .*, line 2: .*; nothing is changed")
    os.remove(file)
    relay.signal(signal.SIGHUP)
    relay.wait_line(r"error: --push-file: cannot read .*: No such file or directory; nothing is changed")

    # It takes one stream; another is told of once.
    for name in ("b", "c"):
        streams.ffmpeg_publish(t, relay.address("rtmp") + "/live/" + name, media.fixture("long.flv"))
        relay.wait_line(f"live/{name}: AAC")
    relay.wait_line(r"live/[bc]: not pushed to \S+/app/\*\*\*: it takes one stream")
    streams.ffmpeg_play(t, urls[1], 25)
    harness.equal(relay.stop(), 0, "exit status")
    second.wait_line(f"app/{KEY}-1: publisher .* is gone: it stopped publishing")
    harness.equal(relay.stderr().count("it takes one stream"), 1, "warnings that it takes one stream")
    harness.check(KEY not in relay.stderr(), f"a key is in the log:\n{relay.stderr()}")

    for options in (["--push", f"http://h/{KEY}"], ["--push", f"rtmp:/h/{KEY}"], ["--push-file", file], ["--match", "live/*"]):
        bad = t.run(["srs-relay", "--no-stdin", "--accept-publish", *options])
        harness.equal(bad.returncode, 2, f"exit status of {options}")
        harness.check(KEY not in bad.stderr(), f"a key is in: {bad.stderr()}")


harness.main(test)
