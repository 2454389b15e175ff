"""A picture that changes its size by parameter sets in the stream alone: RESOLUTION, init section and recording follow, behind a DISCONTINUITY."""

import glob

import harness
from in_band import encoded, in_band, write


def sizes(t, path):
    found = t.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "frame=width,height", "-of", "csv=p=0", path])
    return {line.strip(",") for line in found.stdout().split()}


def test(t):
    large, small = encoded(t, "640x360"), encoded(t, "320x180")
    tags = in_band(large, keep_header=True) + [tag._replace(time=tag.time + 3000) for tag in in_band(small)]
    source = write(t.path("changes.flv"), tags)
    www, recordings = t.path("www"), t.path("recordings")
    stage = t.run(["srs-hls", "--stream", "live/x", "--target", "1s", "--window", "1000", "--format", "fmp4",
                   "--record", recordings, www], stdin=source)
    harness.equal(stage.returncode, 0, f"exit status of srs-hls: {stage.stderr()}")
    with open(www + "/live/x.m3u8") as f:
        harness.check("RESOLUTION=320x180" in f.read(), "the multivariant playlist does not say the new size")
    with open(www + "/live/x/av.m3u8") as f:
        lines = f.read().splitlines()
    harness.equal(sum("EXT-X-MAP" in line for line in lines), 2, f"init sections: {lines}")
    harness.equal(lines.count("#EXT-X-DISCONTINUITY"), 1, f"discontinuities: {lines}")
    shown, init = [], ""
    for line in lines:
        if line.startswith("#EXT-X-MAP"):
            init = line.split('"')[1]
        if not line.startswith("#"):
            joined = t.path("joined.mp4")
            with open(joined, "wb") as out:
                for name in (init, line):
                    with open(f"{www}/live/x/{name}", "rb") as part:
                        out.write(part.read())
            shown.append(sizes(t, joined))
    harness.equal(shown, [{"640,360"}] * 3 + [{"320,180"}] * 3, "sizes that the segments decode to")
    files = sorted(glob.glob(recordings + "/**/*.mp4", recursive=True))
    harness.equal([sizes(t, path) for path in files], [{"640,360"}, {"320,180"}], f"sizes of the recordings {files}")


harness.main(test)
