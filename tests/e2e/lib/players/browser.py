"""mpegts.js, hls.js and shaka-player in headless Chromium, driven by browser.mjs."""

import json
import os

import harness

SCRIPT = os.path.join(os.path.dirname(__file__), "browser.mjs")


def play(t, library, url, *, frames=50, seconds=0, patience=40, **options):
    """Plays until `frames` pictures are decoded and `seconds` of time have played.

    library: "mpegts" (HTTP-FLV), "hls" or "shaka". options: see browser.mjs. Returns the last report: frames, currentTime,
    audioBytes, errors. The page comes from another origin than the stream: CORS must work.
    """
    player = t.start(["node", SCRIPT, library, url, str(frames), str(seconds), str(patience), json.dumps(options)],
                     env={"HOME": t.dir, "TMPDIR": t.dir})
    status = player.wait(patience + 30)
    reports = [json.loads(line) for line in player.stdout().splitlines()]
    harness.check(reports, f"{library} in Chromium reported nothing: {player.stderr()[-1500:]}")
    harness.check(status == 0, f"{library} in Chromium played too little of {url}: {reports[-1]}\n{player.stderr()[-800:]}")
    return reports[-1]
