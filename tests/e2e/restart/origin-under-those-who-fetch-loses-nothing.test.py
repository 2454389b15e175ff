"""An origin that is replaced on its port (SIGTERM, --share-ports): an edge and srs-ingest go over to the new process and miss no frame."""

import signal

import edge
import flv
import harness


def test(t):
    origin = edge.Origin(t)
    port = int(origin.rtmp.rsplit(":", 1)[1])
    relay = edge.start_edge(t, "--origin", origin.rtmp)
    player, recorded = edge.record(t, relay.address("http") + "/live/cam.flv?annotations=1", "edge.flv")
    taken = t.path("ingest.flv")
    t.start(["srs-ingest", origin.rtmp + "/live/cam"], stdout=taken)
    edge.wait_media(recorded, 50, "media through the edge")
    edge.wait_media(taken, 50, "media through srs-ingest")

    # The same stream at the same times: a source that counts as the first one does.
    newest = max(tag.time for tag in flv.tags_of_file(recorded))
    successor = edge.Origin(t, "--share-ports", port=port)
    successor.relay.wait_line("live/cam: begins")
    origin.relay.signal(signal.SIGTERM)
    relay.wait_line("asks us to go elsewhere")
    harness.equal(origin.relay.wait(10), 0, "the first origin's end, once nobody was left")
    harness.check(successor.relay.alive(), "the second origin ended")
    for path in (recorded, taken):
        edge.wait_media(path, 100, f"media of the second origin in {path}")
        tags = flv.tags_of_file(path)
        flv.check_monotonic(tags, path)
        harness.check(max(tag.time for tag in tags) > newest, "nothing new came")
    harness.check(player.alive(), "the player was thrown out")


harness.main(test)
