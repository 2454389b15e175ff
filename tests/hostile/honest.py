"""The honest publisher and the honest player of a scene: every picture has a number, and the player reports which it got.

They are separate programs, so that an attack that keeps the test's interpreter busy does not slow them down:

    honest.py publish URL FILE     FILE in a loop, in real time, until killed; prints "published" once accepted
    honest.py play URL             a line for each picture: its number, and its arrival in milliseconds

The number is in an SEI unit in front of each picture, which decoders ignore; so it survives in RTMP, in
HTTP-FLV, and in the samples of fragmented MP4.
"""

import re
import sys
import time
import urllib.request

import flv
import harness
import rtmp

MARK = b"honest frame no."  # 16 bytes: the UUID of the SEI unit
FRAME_MS = 40               # the fixtures have 25 pictures a second


def numbered(body, number):
    """An AVC picture (the body of a tag) with its number in it."""
    sei = b"\x06\x05" + bytes([len(MARK) + 10]) + MARK + b"%010d" % number + b"\x80"
    return body[:5] + len(sei).to_bytes(4, "big") + sei + body[5:]


def numbers(data):
    """The numbers of the pictures in these bytes, in order."""
    return [int(digits) for digits in re.findall(re.escape(MARK) + rb"(\d{10})", data)]


def is_picture(tag):
    return tag.kind == flv.VIDEO and flv.is_media(tag)


def pictures(path):
    """The tags of a file, without metadata and end of sequence: sequence headers, then everything else."""
    return [tag for tag in flv.tags_of_file(path) if tag.kind != flv.SCRIPT and not (tag.kind == flv.VIDEO and tag.body[1] == 2)]


def publish(url, path):
    tags = pictures(path)
    length = FRAME_MS * sum(map(is_picture, tags))
    client = rtmp.Client(url, seconds=harness.PATIENCE)
    code = client.publish()
    if code != "NetStream.Publish.Start":
        sys.exit(f"{url}: {code}")
    print("published", flush=True)
    client.send(18, flv.amf("@setDataFrame") + flv.amf("onMetaData") + flv.amf({"width": 320, "height": 180, "encoder": "honest"}),
                stream=1, chunk_stream=5)
    client.socket.setblocking(True)
    begun, number, base = time.monotonic(), 0, 0
    while True:
        for tag in tags:
            at = base + tag.time
            if is_picture(tag):
                at = number * FRAME_MS
                tag = tag._replace(body=numbered(tag.body, number))
                number += 1
            time.sleep(max(0, begun + at / 1000 - time.monotonic()))
            client.send_tag(tag._replace(time=at))
            discard(client.socket)
        base += length


def discard(socket):
    """Discards the server's acknowledgements and pings."""
    socket.setblocking(False)
    try:
        if not socket.recv(65536):
            sys.exit("the server closed the publisher's connection")
    except BlockingIOError:
        pass
    finally:
        socket.setblocking(True)


def report(body):
    for number in numbers(body):
        print(number, int(time.monotonic() * 1000), flush=True)


def play_rtmp(url):
    client = rtmp.Client(url, seconds=300)
    client.connect()
    client.ask_to_play()
    while True:
        kind, _, body = client.receive()
        if kind == flv.VIDEO:
            report(body)


def play_http(url):
    with urllib.request.urlopen(url, timeout=300) as answer:
        answer.read(13)
        while True:
            header = answer.read(11)
            body = answer.read(int.from_bytes(header[1:4], "big") + 4)
            if len(header) < 11 or not body:
                sys.exit("the stream has ended")
            if header[0] == flv.VIDEO:
                report(body)


if __name__ == "__main__":
    if sys.argv[1] == "publish":
        publish(*sys.argv[2:])
    elif sys.argv[2].startswith("rtmp:"):
        play_rtmp(sys.argv[2])
    else:
        play_http(sys.argv[2])
