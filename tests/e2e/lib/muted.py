"""Streams a track of which is missing for a while, made of fixtures."""

import flv
import media


def without(t, name, kind, begin=0.0, end=1e9, fixture="long.flv"):
    """The path of a copy of a fixture without the frames of a kind (flv.AUDIO, flv.VIDEO) from `begin` to `end`, in seconds. Codec headers stay."""
    kept = [tag for tag in flv.tags_of_file(media.fixture(fixture))
            if not (tag.kind == kind and flv.is_media(tag) and begin * 1000 <= tag.time < end * 1000)]
    path = t.path(name)
    with open(path, "wb") as f:
        f.write(flv.HEADER + b"".join(flv.write_tag(tag.kind, tag.time, tag.body) for tag in kept))
    return path
