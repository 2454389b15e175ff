"""A stream of codecs that the format cannot carry: an error that names the codec and the way out; nobody is told that the other track goes on."""

import harness
import media


def said_of(t, fixture, *options):
    www = t.path(f"{fixture}{len(options)}")
    ingest, hls = t.pipeline(["srs-ingest", media.fixture(fixture), "--name", "live/x"], ["srs-hls", *options, www])
    ingest.succeeds()
    hls.wait()
    return hls.stderr()


def test(t):
    said = said_of(t, "av1_opus.mkv")
    harness.check("error: live/x: there is nothing that HLS could carry: " in said and "needs --format fmp4" in said, f"of AV1 and Opus: {said}")
    harness.check("goes on" not in said, f"of AV1 and Opus: {said}")
    said = said_of(t, "hevc_aac.mp4")
    harness.check("H.265 video is left out (it needs --format fmp4)" in said and "error" not in said, f"of H.265 and AAC: {said}")
    said = said_of(t, "av1_opus.mkv", "--format", "fmp4")
    harness.check("left out" not in said and "error" not in said, f"of AV1 and Opus in fMP4: {said}")


harness.main(test)
