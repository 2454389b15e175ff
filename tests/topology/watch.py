"""A player that counts frames: for each frame of the picture one line, "WALL_SECONDS TIMESTAMP_MS KEY", at once.

    watch.py SECONDS URL...

HTTP-FLV. When a connection ends, the next URL is tried (and so on, around and around), with a line "lost".
A discontinuity is a line "discontinuity".
"""

import http.client
import sys
import time
import urllib.parse


def read_exactly(response, size):
    data = b""
    while len(data) < size:
        part = response.read(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def watch(url, end):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=max(0.1, end - time.time()))
    try:
        connection.request("GET", parts.path + "?" + parts.query)
        response = connection.getresponse()
        if response.status != 200:
            raise EOFError
        read_exactly(response, 13)
        while time.time() < end:
            header = read_exactly(response, 11)
            body = read_exactly(response, int.from_bytes(header[1:4], "big") + 4)
            timestamp = int.from_bytes(header[4:7], "big") | header[7] << 24
            if header[0] == 18 and b"onDiscontinuity" in body[:24]:
                print("discontinuity", flush=True)
            if header[0] == 9 and body[0] & 15 == 7 and body[1] == 1:
                print(f"{time.time():.3f} {timestamp} {int(body[0] >> 4 == 1)}", flush=True)
    finally:
        connection.close()


def main():
    end = time.time() + float(sys.argv[1])
    urls = sys.argv[2:]
    turn = 0
    while time.time() < end:
        try:
            watch(urls[turn % len(urls)], end)
        except (OSError, EOFError, http.client.HTTPException):
            if time.time() < end:
                print("lost", flush=True)
                time.sleep(0.1)
        turn += 1


main()
