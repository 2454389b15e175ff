"""All players of an edge share one pull; it ends --linger after the last has left, and starts again for the next."""

import edge
import harness


def test(t):
    origin = edge.Origin(t, "-v")
    relay = edge.start_edge(t, "--origin", origin.rtmp, "--linger", "1s")
    players = [edge.record(t, relay.address("http") + "/live/cam.flv", f"{n}.flv") for n in range(5)]
    for _, path in players:
        edge.wait_media(path, 20, "media for each player")
    harness.equal(origin.relay.stderr().count("plays over RTMP"), 1, "pulls at the origin")
    for process, _ in players[1:]:
        process.end()
    edge.wait_media(players[0][1], 60, "more media for the one that stayed")
    players[0][0].end()
    relay.wait_line(r"no players for 1s: no longer fetched")
    origin.relay.wait_line(r"leaves after")
    again, path = edge.record(t, relay.address("http") + "/live/cam.flv", "again.flv")
    edge.wait_media(path, 20, "media for the next player")
    harness.equal(origin.relay.stderr().count("plays over RTMP"), 2, "pulls at the origin in all")


harness.main(test)
