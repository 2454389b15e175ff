"""Command-line publishers and players: ffmpeg, GStreamer, rtmpdump, VLC, curl.

Each function takes the harness.Test that owns the process. A `..._publish`
returns the running Process; the others return what was counted.
"""

import os
import re
import signal
import tempfile
import time

import harness


def ffmpeg_publish(t, url, file, *, realtime=True, loop=False, options=()):
    pace = ["-re"] if realtime else []
    again = ["-stream_loop", "-1"] if loop else []
    return t.start(["ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "info", "-nostats", *pace, *again, "-i", file,
                    "-c", "copy", *options, "-f", "flv", url])


def ffmpeg_play(t, url, frames, *, stream="v", before=()):
    """Decodes `frames` pictures (stream "v") or audio frames ("a"); Failed if they do not come or do not decode."""
    player = t.run(["ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-nostats", *before, "-i", url,
                    "-map", f"0:{stream}", f"-frames:{stream}", str(frames), "-f", "framemd5", "-"])
    harness.equal(player.returncode, 0, f"ffmpeg playing {url}: {player.stderr()}")
    harness.check(not re.search(r"error|corrupt|concealing", player.stderr(), re.IGNORECASE),
                  f"ffmpeg playing {url}: {player.stderr()}")
    decoded = sum(1 for line in player.stdout().splitlines() if not line.startswith("#"))
    harness.check(decoded >= frames, f"ffmpeg decoded only {decoded} of {frames} frames ({stream}) of {url}")


def ffmpeg_record(t, url, out, seconds=None, *, before=()):
    """Copies the stream to a file: `seconds` of it, or to its end."""
    until = [] if seconds is None else ["-t", str(seconds)]
    return t.start(["ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-y", *before, "-i", url, *until,
                    "-c", "copy", "-f", "flv", out])


def packets_in(t, file, stream="v"):
    """How many packets of a kind ffprobe finds in a file."""
    probe = t.run(["ffprobe", "-v", "error", "-select_streams", stream, "-count_packets", "-show_entries",
                   "stream=nb_read_packets", "-of", "csv=p=0", file])
    return sum(int(n) for n in re.findall(r"\d+", probe.stdout()))


def rtmpdump_record(t, url, out, seconds):
    """Records the stream with librtmp until its progress says `seconds` of media, or to its end."""
    # --live makes rtmpdump ignore --stop; a SIGINT is how a person ends it, and finishes the file.
    dump = t.start(["rtmpdump", "--live", "--rtmp", url, "--flv", out])

    def recorded():
        times = re.findall(r"kB / ([\d.]+) sec", dump.stderr())
        enough = times and float(times[-1]) - float(times[0]) >= seconds
        harness.check(enough or dump.alive(), f"rtmpdump: status {dump.returncode}: {dump.stderr()[-800:]}")
        return enough
    harness.until(recorded, f"rtmpdump to record {seconds} s")
    dump.signal(signal.SIGINT)
    dump.wait()


def gst_publish(t, url, *, seconds=60):
    """A generated H.264 + AAC stream through flvmux and rtmp2sink."""
    frames = seconds * 25
    return t.start([
        "gst-launch-1.0", "-e",
        "videotestsrc", "is-live=true", f"num-buffers={frames}", "!", "video/x-raw,width=320,height=240,framerate=25/1",
        "!", "x264enc", "tune=zerolatency", "speed-preset=ultrafast", "key-int-max=25", "bitrate=500",
        "!", "video/x-h264,profile=baseline", "!", "h264parse", "!", "queue", "!", "mux.",
        "audiotestsrc", "is-live=true", f"num-buffers={seconds * 44100 // 1024}", "!", "audio/x-raw,rate=44100,channels=2",
        "!", "voaacenc", "bitrate=96000", "!", "aacparse", "!", "queue", "!", "mux.",
        "flvmux", "name=mux", "streamable=true", "!", "rtmp2sink", f"location={url}"])


def gst_play(t, url, frames):
    """Plays until `frames` pictures are decoded by GStreamer; Failed if they do not come."""
    player = t.start([
        "gst-launch-1.0", "-v", "rtmp2src", f"location={url}", "!", "flvdemux", "name=d",
        "d.video", "!", "queue", "!", "h264parse", "!", "avdec_h264", "!",
        "fakesink", "name=pictures", "silent=false", "sync=false",
        "d.audio", "!", "queue", "!", "aacparse", "!", "avdec_aac", "!",
        "fakesink", "name=sound", "silent=false", "sync=false", "async=false"])

    return _gst_wait(player, frames, harness.PATIENCE)


def gst_play_hls(t, url, frames):
    """The same of HLS, by whatever GStreamer chooses for it (hlsdemux)."""
    player = t.start([
        "gst-launch-1.0", "-v", "uridecodebin", f"uri={url}", "name=d",
        "d.", "!", "videoconvert", "!", "fakesink", "name=pictures", "silent=false", "sync=false",
        "d.", "!", "audioconvert", "!", "fakesink", "name=sound", "silent=false", "sync=false", "async=false"])
    return _gst_wait(player, frames, 60)


def _gst_wait(player, frames, seconds):
    """Ends gst-launch once its sinks "pictures" and "sound" have got enough: (pictures, pieces of sound)."""
    # No num-buffers: GStreamer merges notifications under load, and the count would stop short.
    def counted():
        return tuple(len(re.findall(rf"{sink}: last-message = chain", player.stdout())) for sink in ("pictures", "sound"))

    def enough():
        pictures, sound = counted()
        harness.check(player.alive() or pictures >= frames,
                      f"gst-launch ended after {pictures} pictures: {player.stderr()[-800:]}")
        return pictures >= frames and sound > 0
    harness.until(enough, f"GStreamer to decode {frames} pictures and sound", seconds)
    player.end()
    return counted()


def vlc_play(t, url, frames, options=()):
    """Plays in VLC until it has decoded `frames` pictures; returns what VLC's statistics say."""
    home = tempfile.mkdtemp(dir=t.dir)
    os.chmod(home, 0o777)
    # VLC will not run as root.
    user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
    read_end, write_end = os.pipe()
    player = t.start([*user, "vlc", "-I", "oldrc", "--rc-fake-tty", "--no-color", "--vout", "dummy", "--aout", "dummy",
                      "--no-media-library", *options, url], stdin=read_end,
                     env={"HOME": home, "XDG_RUNTIME_DIR": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home})
    os.close(read_end)

    def decoded():
        harness.check(player.alive(), f"VLC ended: {player.stderr()[-1500:]}")
        os.write(write_end, b"stats\n")
        time.sleep(0.4)
        return {kind: max([int(n) for n in re.findall(rf"{kind} decoded\s*:\s*(\d+)", player.stdout())], default=0)
                for kind in ("video", "audio")}
    try:
        harness.until(lambda: decoded()["video"] >= frames, f"VLC to decode {frames} pictures")
        return decoded()
    finally:
        os.close(write_end)
        player.end()


def curl_record(t, url, out, seconds):
    """`seconds` of the response body; the status line and headers are returned as text."""
    headers = out + ".headers"
    t.run(["curl", "--silent", "--show-error", "--no-buffer", "--max-time", str(seconds), "--dump-header", headers,
           "--output", out, url], seconds=seconds + harness.PATIENCE)
    with open(headers) as f:
        return f.read()
