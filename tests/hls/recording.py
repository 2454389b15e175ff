"""A recording: every request and its answer, in the order of their ends. All that the rules judge; can be saved and loaded."""

import json
import os


class Exchange:
    """One request and its answer. Times are seconds since the recording began: sent, head (the header came),
    first (the first byte of the body), done."""

    FIELDS = ("url", "kind", "list", "about", "sent", "head", "first", "done", "status", "headers")

    def __init__(self, url, kind, list="", about=None, sent=0.0, head=0.0, first=0.0, done=0.0, status=200, headers=None, body=b""):
        self.url, self.kind, self.list, self.about = url, kind, list, about or {}
        self.sent, self.head, self.first, self.done = sent, head, first, done
        self.status, self.headers, self.body = status, headers or {}, body

    def text(self):
        return self.body.decode("utf-8", "replace")


class Recording:
    def __init__(self, root, exchanges=None):
        self.root, self.exchanges = root, exchanges or []

    def copy(self):
        other = Recording(self.root)
        for e in self.exchanges:
            other.exchanges.append(Exchange(e.url, e.kind, e.list, dict(e.about), e.sent, e.head, e.first, e.done, e.status,
                                            dict(e.headers), e.body))
        return other

    def of(self, *kinds):
        return [e for e in self.exchanges if e.kind in kinds]

    def save(self, directory):
        os.makedirs(directory, exist_ok=True)
        index = []
        for i, e in enumerate(self.exchanges):
            name = f"{i:05}-{e.kind}-{os.path.basename(e.url.split('?')[0])}"[:120]
            with open(os.path.join(directory, name), "wb") as f:
                f.write(e.body)
            index.append({**{field: getattr(e, field) for field in Exchange.FIELDS}, "body": name})
        with open(os.path.join(directory, "index.json"), "w") as f:
            json.dump({"root": self.root, "exchanges": index}, f, indent=1)


def load(directory):
    with open(os.path.join(directory, "index.json")) as f:
        index = json.load(f)
    recording = Recording(index["root"])
    for one in index["exchanges"]:
        with open(os.path.join(directory, os.path.basename(one.pop("body"))), "rb") as f:
            recording.exchanges.append(Exchange(**one, body=f.read()))
    return recording
