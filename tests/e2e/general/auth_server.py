"""An RTMP server that lets in only who knows the password, by authmod=adobe or llnw: it checks responses as those servers do.

Neither scheme has a specification; that FFmpeg gets in says that this server asks and checks as real ones do."""

import base64
import hashlib
import os
import socket
import threading

import flv
import rtmp

USER, PASSWORD = "alice", "s3cret&?%"
IN_URL = "alice:s3cret%26%3F%25"


def _digest(text):
    return hashlib.md5(text.encode())


def _base64(text):
    return base64.b64encode(_digest(text).digest()).decode()


class _Peer(rtmp.Client):
    """A connection that somebody opened to us."""

    def __init__(self, connection):  # pylint: disable=super-init-not-called
        self.url = "a client"
        self.socket = connection
        self.socket.settimeout(60)
        self._chunk_size_in = 128
        self._partial, self._extended = {}, set()

    def handshake(self):
        first = self._read(1 + 1536)
        self.socket.sendall(b"\x03" + bytes(8) + os.urandom(1528) + first[1:])
        self._read(1536)


class AuthServer:
    """scheme: "adobe" or "llnw". opaque: whether adobe's challenge has one. Players get the tags of `file`."""

    def __init__(self, scheme, *, opaque=True, file=None, password=PASSWORD):
        self.scheme = scheme
        self.password = password
        self.opaque = "0paque+/=" if opaque else None
        self.tags = flv.tags_of_file(file) if file else []
        self.apps = []  # of each connection
        self.media = 0  # messages of publishers who were let in
        self.playing = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path, who=IN_URL):
        return f"rtmp://{who + '@' if who else ''}127.0.0.1:{self.port}/{path}"

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(_Peer(connection),), daemon=True).start()

    def _serve(self, peer):
        try:
            peer.handshake()
            while self._take(peer, *peer.receive()):
                pass
        except (rtmp.Closed, OSError):
            pass
        peer.close()

    def _take(self, peer, kind, _, body):
        if kind in (8, 9):
            self.media += 1
        if kind != 20:
            return True
        name, transaction, *values = flv.amf_values(body)
        if name == "connect":
            app = values[0]["app"]
            self.apps.append(app)
            assert values[0]["tcUrl"].endswith(app), values[0]
            why = self._why_not(app)
            status = {"level": "error" if why else "status", "description": why or "",
                      "code": "NetConnection.Connect.Rejected" if why else "NetConnection.Connect.Success"}
            peer.command("_error" if why else "_result", transaction, None, status)
            return not why
        if name == "createStream":
            peer.command("_result", transaction, None, 1)
        elif name == "publish":
            peer.command("onStatus", 0, None, {"level": "status", "code": "NetStream.Publish.Start"}, stream=1)
        elif name == "play":
            peer.command("onStatus", 0, None, {"level": "status", "code": "NetStream.Play.Start"}, stream=1)
            self.playing += 1
            for tag in self.tags:
                peer.send_tag(tag)
            peer.send(4, b"\x00\x01" + (1).to_bytes(4, "big"), chunk_stream=2)  # StreamEOF
        return True

    def _why_not(self, app):
        """The description of a refusal; None lets the client in."""
        app, _, query = app.partition("?")
        said = dict(pair.partition("=")[::2] for pair in query.split("&"))
        reject = f"[ AccessManager.Reject ] : [ authmod={self.scheme} ] : "
        if said.get("authmod") != self.scheme:
            return f"[ AccessManager.Reject ] : [ code=403 need auth; authmod={self.scheme} ] : "
        if said.get("user") != USER:
            return reject + "?reason=nosuchuser"
        if "response" not in said:
            asked = {"user": USER, "salt": "sALt", "challenge": "cHAllenge", "opaque": self.opaque} if self.scheme == "adobe" else {"user": USER, "nonce": "n0nce"}
            return reject + "?reason=needauth" + "".join(f"&{key}={value}" for key, value in asked.items() if value)
        return None if said["response"] == self._wanted(app, said) else reject + "?reason=authfailed"

    def _wanted(self, app, said):
        if self.scheme == "adobe":
            if said.get("opaque") != self.opaque:
                return None
            return _base64(_base64(f"{USER}sALt{self.password}") + (self.opaque or "cHAllenge") + said["challenge"])
        who = _digest(f"{USER}:live:{self.password}").hexdigest()
        what = _digest(f"publish:/{app}" + ("" if "/" in app else "/_definst_")).hexdigest()
        return _digest(f"{who}:n0nce:{said['nc']}:{said['cnonce']}:auth:{what}").hexdigest()
