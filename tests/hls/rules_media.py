"""What segments must contain, whatever their container; and transport streams."""

from rules import rule
from ts import WRAP, unwrapped

SLACK = 0.002      # FLV and playlists round to milliseconds
APPLE = "HLS Authoring Specification"


def everything(view):
    """All segments and parts with contents: (Listing, Piece)."""
    for listing in view.listings:
        for piece in listing.pieces.values():
            yield listing, piece
        for piece, _ in listing.parts.values():
            yield listing, piece


def streams(view):
    """(Listing, Piece) of segments that are transport streams, in order."""
    for listing in view.listings:
        for piece in listing.in_order():
            if piece.facts.ts:
                yield listing, piece


@rule("READABLE", "RFC 8216 3", "Each segment and part is MPEG-2 TS or fragmented MP4 with samples in it.")
def readable(view):
    for _, piece in everything(view):
        if piece.facts and piece.facts.unreadable:
            yield piece.where, f"a file that can be read, came {piece.facts.unreadable}"
        elif piece.facts and not piece.facts.tracks() and not (piece.facts.ts and (piece.facts.ts.problems or piece.facts.ts.tables)):
            yield piece.where, "samples, came none"


def gap_after(before, piece, kind):
    """(seconds that are missing between two segments, one frame), or None."""
    was, now = getattr(before.facts, kind), getattr(piece.facts, kind)
    if not was or not now:
        return None
    if piece.facts.ts:
        gap = unwrapped(now.base, (was.base + was.ticks) % WRAP) / was.scale
    else:
        gap = now.begin - was.begin - was.duration
    return gap, max(was.frame, now.frame)


@rule("EXTINF-TRUE", "RFC 8216 4.3.2.1", "EXTINF is the duration of what is in the segment, within one frame; the last frame of a TS segment lasts until the next one.")
def extinf_true(view):
    for listing in view.listings:
        following = {before.msn: piece for before, piece in listing.neighbours() if not piece.listed.discontinuity}
        for piece in listing.in_order():
            track = piece.facts.main()
            if not track or abs(track.duration - piece.listed.duration) <= track.frame + SLACK:
                continue
            after = following.get(piece.msn)
            gap = gap_after(piece, after, track.kind) if after and piece.facts.ts else None
            # Where the source was away for a moment; a file has no other way to say so than the times of the next one.
            if gap and gap[0] > 0 and abs(track.duration + gap[0] - piece.listed.duration) <= gap[1] + SLACK:
                continue
            yield piece.where, f"{track.duration:.3f} s of {track.kind} are in it, EXTINF says {piece.listed.duration}"


@rule("TIMES-GO-ON", "RFC 8216 3.2, 4.3.2.3", "Timestamps go on from one TS segment to the next, unless EXT-X-DISCONTINUITY says otherwise.")
def times_go_on(view):
    for listing in view.listings:
        for before, piece in listing.neighbours():
            if piece.listed.discontinuity or not piece.facts.ts:
                continue
            for kind in ("video", "audio"):
                gap = gap_after(before, piece, kind)
                if gap and abs(gap[0]) > gap[1] + SLACK:
                    yield f"{piece.where} {kind}", f"it begins where {before.msn} ended, came {gap[0]:+.3f} s"


@rule("TIMES-RISE", "RFC 8216 3.2", "Decode times rise inside a segment, and no frame is shown before it is decoded.")
def times_rise(view):
    for _, piece in streams(view):
        for track in piece.facts.tracks():
            if track.falls:
                yield f"{piece.where} {track.kind}", "rising times, came some that fall"


@rule("TS-PACKETS", "RFC 8216 3.2", "A TS segment is whole packets of 188 bytes that begin with a sync byte.")
def ts_packets(view):
    for _, piece in streams(view):
        for problem in piece.facts.ts.problems:
            yield piece.where, problem


@rule("TS-TABLES", "RFC 8216 3.2", "Each TS segment begins with a PAT and a PMT.")
def ts_tables(view):
    for _, piece in streams(view):
        for problem in piece.facts.ts.tables:
            yield piece.where, problem


@rule("TS-COUNTERS", "ISO 13818-1 2.4.3.3; RFC 8216 3.2", "Continuity counters run on inside and from one TS segment to the next.")
def ts_counters(view):
    for _, piece in streams(view):
        for pid, last, came in piece.facts.ts.breaks:
            yield f"{piece.where} PID {pid}", f"{(last + 1) % 16}, came {came}"
    for listing in view.listings:
        for before, piece in listing.neighbours():
            if piece.listed.discontinuity or not piece.facts.ts:
                continue
            for pid, (first, _) in piece.facts.ts.counters.items():
                last = before.facts.ts.counters.get(pid) if before.facts.ts else None
                if last and first != (last[1] + 1) % 16:
                    yield f"{piece.where} PID {pid} begin", f"{(last[1] + 1) % 16} after {before.msn}, came {first}"


@rule("TS-PCR", "ISO 13818-1 2.7.2", "Each TS segment has PCRs, and none is later than the decode times.")
def ts_pcr(view):
    for _, piece in streams(view):
        track = piece.facts.main()
        if not track:
            continue
        if not piece.facts.ts.pcrs:
            yield piece.where, "a PCR, came none"
        elif unwrapped(track.base, piece.facts.ts.pcrs[0]) < 0:
            yield piece.where, f"a PCR before the first decode time, came {-unwrapped(track.base, piece.facts.ts.pcrs[0]) / 90000:.3f} s after"


def h264_frames(piece):
    stream = piece.facts.ts.of(("h264",))
    return [payload for _, _, payload in stream.pes] if stream else []


@rule("TS-AUD", APPLE + "; ISO 13818-1 2.14", "In TS each H.264 access unit begins with an access unit delimiter.")
def ts_aud(view):
    for _, piece in streams(view):
        for i, payload in enumerate(h264_frames(piece)):
            start = payload.find(b"\0\0\1")
            if start < 0 or payload[start + 3] & 31 != 9:
                yield piece.where, f"a delimiter first in frame {i}, came {payload[:5].hex()}"
                break


@rule("TS-PARAMETER-SETS", "RFC 8216 3.2", "A TS segment that begins with an IDR picture has SPS and PPS before it.")
def ts_parameter_sets(view):
    for _, piece in streams(view):
        if piece.facts.video and not piece.facts.video.sets_first:
            yield piece.where, "SPS and PPS before the first IDR picture, came none"


@rule("TS-ADTS", "RFC 8216 3.2", "AAC in TS has ADTS headers.")
def ts_adts(view):
    for _, piece in streams(view):
        if piece.facts.audio and not piece.facts.audio.adts:
            yield piece.where, "ADTS frames, came something else"
