"""Sound stops for a while and comes again: who watches in hls.js or shaka keeps the picture, with the sound in the picture's segments and apart, and
the playlists keep to the rules."""

import flv
import harness
import muted
from checker import Checker
from hls import HlsServer
from players import browser


def test(t):
    file = muted.without(t, "muted.flv", flv.AUDIO, 6, 12)
    for library, options in (("hls", ["--format", "ts"]), ("shaka", ["--format", "fmp4"]), ("hls", ["--low-latency", "--audio", "demuxed"])):
        server = HlsServer(t, file, "--target", "1s", *options, loop=False)
        server.stage.wait_line("live/cam: begins")
        checker = Checker(t, server.url(), 16)
        report = browser.play(t, library, server.url(), frames=300, seconds=15)
        harness.equal((report["errors"], report["width"]), ([], 640), f"errors and width, {library} with {options}: {report}")
        harness.equal(server.stage.stderr().count("it is silence"), 1, "lines that say so")
        checker.conforms(segments=10)
        server.stop()


harness.main(test)
