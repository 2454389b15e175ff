"""Parameter sets that change in the stream become a new sequence header; missing headers are made, Annex B becomes lengths, and each is said."""

import flv
import harness
from in_band import encoded, in_band, write

NOTES = {
    "changed": None,
    "headless": "it has no sequence header: one is made of the parameter sets in the stream",
    "annex b": "its pictures have start codes (Annex B) where FLV wants lengths: they are turned into those",
}


def probe(t, path, entry):
    found = t.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", entry, "-of", "csv=p=0", path])
    return found.stdout().split()


def pictures(t, path):
    """How many pictures ffmpeg decodes, without a complaint."""
    decoded = t.run(["ffmpeg", "-v", "error", "-i", path, "-f", "framemd5", "-"])
    harness.equal(decoded.stderr(), "", f"what ffmpeg says of {path}")
    return sum(not line.startswith("#") for line in decoded.stdout().splitlines())


def test(t):
    large, small = encoded(t, "640x360"), encoded(t, "320x180")
    later = [tag._replace(time=tag.time + 3000) for tag in in_band(small)]
    inputs = {"changed": in_band(large, keep_header=True) + later, "headless": in_band(large), "annex b": in_band(large, annex_b=True)}
    for name, tags in inputs.items():
        path = write(t.path(f"{name}.in.flv"), tags)
        for tool, argv, options in (("srs-ingest", ["srs-ingest", path], {}),
                                    ("srs-relay", ["srs-relay", "--stream", "live/a", "--pass", "--on-full", "block"], {"stdin": path})):
            out = t.path(f"{name}.{tool}.flv")
            stage = t.run(argv, stdout=out, **options)
            harness.equal(stage.returncode, 0, f"exit status of {tool}: {stage.stderr()}")
            if NOTES[name]:
                harness.check(NOTES[name] in stage.stderr(), f"{tool} says of {name}: {stage.stderr()}")
            headers = [tag for tag in flv.tags_of_file(out) if tag.kind == flv.VIDEO and not flv.is_media(tag)]
            harness.equal(len(headers), 2 if name == "changed" else 1, f"sequence headers of {name} behind {tool}")
            if name == "changed":
                harness.equal(headers[1].time, 3000, "time of the second header")
            else:
                harness.equal(pictures(t, out), 75, f"pictures of {name} behind {tool}")
                harness.equal(probe(t, out, "stream=width"), ["640"], f"width of {name} behind {tool}")

    nothing = write(t.path("nothing.flv"), [tag for tag in large if tag.kind != flv.VIDEO or tag.body[1] == 1])
    stage = t.run(["srs-ingest", nothing], stdout=t.path("nothing.out.flv"))
    said = "pictures come without any configuration (sequence header, SPS and PPS): they are left out"
    harness.check(said in stage.stderr(), f"srs-ingest says of pictures that nobody can decode: {stage.stderr()}")
    harness.equal(flv.media_in(t.path("nothing.out.flv")), 0, "pictures that nobody can decode")


harness.main(test)
