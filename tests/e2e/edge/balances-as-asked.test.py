"""--balance: hash sends a stream to the same origin from every edge, least-conn asks the origin whose metrics report fewer players, and SIGHUP reads --origins-file again."""

import signal

import edge
import harness
import media

_NAMES = [f"live/cam{n}" for n in range(6)]


def relay(t, *options):
    """An origin that takes publishers: it has what is pushed to it."""
    process = t.start(["srs-relay", "--no-stdin", "--accept-publish", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0",
                       *options])
    process.address("http")
    return process


def asked(process):
    """Which origin (its port) the newest pull went to."""
    return [line.rsplit(":", 1)[1] for line in process.stderr().splitlines() if "comes from origin" in line]


def fill(t, *origins):
    """Every stream of _NAMES, at each of the origins."""
    for name in _NAMES:
        pushes = [option for held in origins for option in ("--push", held.address("rtmp") + "/{path}")]
        t.pipeline(["srs-ingest", "--realtime", "--loop", media.fixture("h264_aac.flv")], ["srs-relay", "--stream", name, "--listen",
                   "rtmp://127.0.0.1:0", *pushes])
    for held in origins:
        for name in _NAMES:
            held.wait_line(rf"{name}: begins")


def play(t, relay_process, name, tag):
    player, path = edge.record(t, relay_process.address("http") + f"/{name}.flv", f"{tag}-{name.replace('/', '-')}.flv")
    edge.wait_media(path, 10, f"{name} at {tag}")
    return player


def test(t):
    first, second = relay(t, "--admin", "http://127.0.0.1:0"), relay(t, "--admin", "http://127.0.0.1:0")
    fill(t, first, second)
    urls = [first.address("rtmp"), second.address("rtmp")]

    edges = [edge.start_edge(t, "--balance", "hash", "--origin", a, "--origin", b) for a, b in (urls, urls[::-1])]
    for name in _NAMES:
        for number, held in enumerate(edges):
            play(t, held, name, f"hash{number}").end()
    harness.equal(asked(edges[0]), asked(edges[1]), "the origins that two edges asked for the same streams")
    for held in edges:
        held.end()

    # Three players of the first origin; the edge asks the second.
    viewers = [play(t, first, name, "viewer") for name in _NAMES[:3]]
    metrics = [f";metrics={held.address('http', 1)}/metrics" for held in (first, second)]
    least = edge.start_edge(t, "--balance", "least-conn", *[option for url, where in zip(urls, metrics) for option in ("--origin", url + where)])
    harness.until(lambda: play_and_end(t, least) == second.address("rtmp").rsplit(":", 1)[1], "the load of the first origin to be known")
    harness.check(all(viewer.alive() for viewer in viewers), "a viewer ended")
    least.end()

    listed = t.path("origins")
    with open(listed, "w") as f:
        f.write(f"# one is enough\n{urls[0]}\n")
    filed = edge.start_edge(t, "--origins-file", listed, "--linger", "200ms")
    play(t, filed, _NAMES[0], "file").end()
    with open(listed, "w") as f:
        f.write("this is no origin\n")
    filed.signal(signal.SIGHUP)
    filed.wait_line("line 1: .*the origins stay as they were")
    play(t, filed, _NAMES[1], "file").end()
    with open(listed, "w") as f:
        f.write(urls[1] + "\n")
    filed.signal(signal.SIGHUP)
    filed.wait_line("read again, 1 origins")
    play(t, filed, _NAMES[2], "file").end()
    ports = [url.rsplit(":", 1)[1] for url in urls]
    harness.equal(asked(filed), [ports[0], ports[0], ports[1]], "the origins that were asked")


_turn = iter(range(1000))


def play_and_end(t, held):
    """Plays a stream that is not being fetched, and says which origin was asked."""
    play(t, held, _NAMES[next(_turn) % len(_NAMES)], f"least{next(_turn)}").end()
    return asked(held)[-1]


harness.main(test)
