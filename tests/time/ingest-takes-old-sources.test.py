"""srs-ingest of an FLV file, of an RTMP and an HTTP-FLV server, and of what FFmpeg opens: every frame of an old source, and no seam."""

import subprocess

import old_streams  # first, since it finds the others

import flv
import harness
import media


def check(stream, path, what, whole):
    tags = flv.tags_of_file(path)
    harness.equal(old_streams.discontinuities(tags), [], f"discontinuities of {what}")
    old_streams.check_frames(stream.frames, tags, what, whole=whole)


def from_file(t, name, headers_at_zero):
    stream = old_streams.make(t, name, headers_at_zero=headers_at_zero)
    out = t.path(f"{name}-file-{int(headers_at_zero)}.flv")
    t.run(["srs-ingest", stream.path], stdout=out).succeeds()
    check(stream, out, f"file of {name}, headers at 0: {headers_at_zero}", True)


def from_servers(t, name):
    stream = old_streams.make(t, name)
    feed, (relay,) = old_streams.feed(t, stream, ["srs-relay", "-v", "--stream", "live/x", "--listen", "rtmp://127.0.0.1:0", "--listen",
                                                  "http://127.0.0.1:0"], speed=4)
    urls = [relay.address("rtmp") + "/live/x", relay.address("http") + "/live/x.flv"]
    feed.play(1000)
    outs = [t.path(f"{name}-{url.partition(':')[0]}.flv") for url in urls]
    ingests = [t.start(["srs-ingest", url], stdout=out) for url, out in zip(urls, outs)]
    for out in outs:
        harness.until(lambda out=out: flv.media_in(out), out)
    feed.play()
    feed.end()
    for ingest, out in zip(ingests, outs):
        ingest.wait()
        check(stream, out, out, False)


def from_ffmpeg(t, name, container):
    """Times that FFmpeg reads go on evenly, wherever they begin."""
    source = t.path(f"{name}.{container}")
    start = old_streams.TIMES[name] - old_streams.LEAD_MS
    subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-i", old_streams.source(t), "-c", "copy", "-muxdelay", "0",
                    "-output_ts_offset", f"{start / 1000}", source], check=True, timeout=60)
    out = t.path(f"{name}-{container}.flv")
    t.run(["srs-ingest", source], stdout=out).succeeds()
    tags = flv.tags_of_file(out)
    # FFmpeg stamps the end of the sequence with the highest time that it ever had, before the wrap of its 31 bits.
    tags = tags[:1 + max(i for i, tag in enumerate(tags) if old_streams.is_frame(tag))]
    harness.equal(old_streams.discontinuities(tags), [], f"discontinuities of {source}")
    wanted = media.framemd5(old_streams.source(t))
    for kind, letter, step in ((flv.VIDEO, "v", 40), (flv.AUDIO, "a", 1024 / 48)):
        times = [tag.time for tag in tags if tag.kind == kind and old_streams.is_frame(tag)]
        count = sum(packet.stream == letter for packet in wanted)
        harness.check(count - 1 <= len(times) <= count, f"{source}: {len(times)} of {count} frames of kind {kind}")
        odd = [(a, b) for a, b in zip(times, times[1:]) if abs((b - a) % old_streams.WRAP - step) > 2]
        harness.check(not odd, f"{source}: irregular steps {odd[:5]}")


def test(t, name):
    from_file(t, name, False)
    from_file(t, name, True)
    from_servers(t, name)
    for container in ("ts", "mkv", "flv"):
        from_ffmpeg(t, name, container)


old_streams.main(test)
