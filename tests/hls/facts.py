"""What is in a segment or part, whatever its container: one Facts for the rules. Remembered by content, since the same bytes
are judged many times."""

import functools
import subprocess

import fmp4
import ts


class Facts:
    """container: "ts" or "fmp4". unreadable: why not, or None. ts: the Ts. fragments: trafs. layout: samples outside
    their mdat; jumps: fragments that do not follow each other. video, audio: ts.Track or None."""

    def __init__(self, container):
        self.container, self.unreadable, self.ts = container, None, None
        self.fragments, self.layout, self.jumps = [], [], []
        self.video = self.audio = None

    def tracks(self):
        return [track for track in (self.video, self.audio) if track]

    def main(self):
        """The track that says how long a segment is."""
        return self.video or self.audio


@functools.lru_cache(4096)
def init(data):
    """Tracks by id of an init section; raises ValueError."""
    try:
        return fmp4.init(data)
    except (ValueError, IndexError, TypeError, StopIteration) as why:
        raise ValueError(f"no init section: {why}") from None


@functools.lru_cache(4096)
def of(data, init_data=None):
    """Facts of a segment or part in the clear. init_data: of its EXT-X-MAP; without it it is a transport stream."""
    facts = Facts("ts" if init_data is None else "fmp4")
    try:
        if init_data is None:
            facts.ts = ts.Ts(data)
            facts.video, facts.audio = ts.tracks(facts.ts)
        else:
            known = init(init_data)
            facts.fragments, facts.layout = fmp4.fragments(data, known)
            facts.video, facts.audio, facts.jumps = fmp4.tracks(facts.fragments, known)
    except (ValueError, IndexError, TypeError) as why:
        facts.unreadable = str(why)
    return facts


def looks_like_media(data):
    return data[:1] == b"\x47" and len(data) % 188 == 0 or data[4:8] in (b"ftyp", b"styp", b"moof", b"sidx", b"moov", b"emsg", b"prft")


@functools.lru_cache(4096)
def decrypted(data, key, iv):
    """AES-128 in CBC mode with PKCS7 padding over the whole file, RFC 8216 4.3.2.4: (bytes in the clear or None,
    None or (the rule that is broken, how))."""
    if len(key) != 16:
        return None, ("KEY-SIZE", f"16 bytes, came {len(key)}")
    if not data or len(data) % 16:
        return None, ("KEY-PADDING", f"whole blocks of 16 bytes, came {len(data)} bytes")
    done = subprocess.run(["openssl", "enc", "-d", "-aes-128-cbc", "-nopad", "-K", key.hex(), "-iv", iv.hex()],
                          input=data, capture_output=True, check=False)
    if done.returncode:
        return None, ("KEY-DECRYPTS", done.stderr.decode(errors="replace").strip())
    clear = done.stdout
    pad = clear[-1]
    if 1 <= pad <= 16 and clear[-pad:] == bytes([pad]) * pad:
        clear = clear[:-pad]
        return (clear, None) if looks_like_media(clear) else (None, ("KEY-DECRYPTS", f"a segment, came {clear[:16].hex()}"))
    if clear[:1] == b"\x47" or looks_like_media(clear):
        return None, ("KEY-PADDING", f"PKCS7 padding at the end, came {clear[-16:].hex()}")
    return None, ("KEY-DECRYPTS", f"a segment, came {clear[:16].hex()}")
