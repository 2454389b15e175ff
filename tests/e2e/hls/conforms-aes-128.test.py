"""Encrypted HLS, judged by the checker: AES-128 in TS and fragmented MP4 with keys that change, and SAMPLE-AES in parts."""

import harness
import media
from checker import Checker
from hls import HlsServer


def test(t):
    kinds = (("--format", "ts", "--encrypt", "aes-128", "--key-every", "2"),
             ("--format", "fmp4", "--encrypt", "aes-128", "--key-every", "3"),
             ("--low-latency", "--encrypt", "sample-aes", "--key-every", "2"))
    servers = [HlsServer(t, media.fixture("long.flv"), "--target", "1s", "--window", "6", *options) for options in kinds]
    watching = [Checker(t, server.url(), 12) for server in servers]
    for checker, method, parts in zip(watching, ("AES-128", "AES-128", "SAMPLE-AES"), (0, 0, 40)):
        checker.conforms(segments=8, parts=parts)
        keys = {line for text in checker.texts() for line in text.split("\n") if line.startswith(f"#EXT-X-KEY:METHOD={method}")}
        harness.check(len(keys) >= 3, f"keys do not change: {keys}")


harness.main(test)
