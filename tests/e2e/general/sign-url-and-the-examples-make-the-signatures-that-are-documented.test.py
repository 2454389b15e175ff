"""examples/sign-url, and the code for Python and Node in docs/access.md, make the signatures that unit tests verify."""

import hashlib
import hmac
import os
import re
import shutil
import subprocess
import time

import harness

SECRET = "0123456789abcdef0123456789abcdef"
UNTIL = 1764000000
# tests/unit/access/signed_url_test.cpp has the same.
STREAM = "exp=1764000000&acl=/live/cam1/*&kid=k1&sig=543b8cfd7217f5d7e2cbfd193dd046031864b9bac8d96721a768909a96463138"
PATH = "exp=1764000000&addr=1&sig=884464dfc8805d0aadb3e52a5e9bedeaa4061b386c4f4956b05fef180dbe27ed"


def sign(t, secret, *arguments):
    with open(t.path("key"), "w") as f:
        f.write(secret + "\n")
    return subprocess.run([os.path.join(harness.SOURCE, "examples", "sign-url"), "--key-file", t.path("key"), *arguments],
                          capture_output=True, text=True, check=False)


def signed(t, *arguments, secret=SECRET):
    done = sign(t, secret, *arguments)
    harness.check(done.returncode == 0, f"{arguments}: {done.stderr}")
    return done.stdout.strip()


def example(language):
    with open(os.path.join(harness.SOURCE, "docs", "access.md")) as f:
        return re.search(rf"```{language}\n(.*?)```", f.read(), re.DOTALL)[1]


def the_script_makes_them(t):
    for url in ("http://h/live/cam1.m3u8", "http://h:8080/live/cam1.flv", "rtmp://h/live/cam1", "http://h/live/cam1/"):
        harness.equal(signed(t, "--until", str(UNTIL), "--id", "k1", "--prefix", url), f"{url}?{STREAM}", "for a stream")
    url = "http://h/live/caf%C3%A9.flv?a=1"
    harness.equal(signed(t, "--until", str(UNTIL), "--address", "192.0.2.7", url), f"{url}&{PATH}", "for a path")


def secrets_of_any_size_are_hashed_right(t):
    for secret in ("s" * 16, "s" * 64, "s" * 65, "%s \\x41\\ $HOME `\"' *" * 5, "\u00fcberaus geheim \u20ac"):
        text = f"srs-url-1\nkid:\nexp:{UNTIL}\naddr:\nacl:/live/a b+\\%/*"
        sig = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        url = "http://h/live/a%20b+%5c%25.flv"
        harness.equal(signed(t, "--until", str(UNTIL), "--prefix", url, secret=secret),
                      f"{url}?exp={UNTIL}&acl=/live/a%20b%2B%5C%25/*&sig={sig}", f"with the secret {secret}")


def a_lifetime_counts_from_now(t):
    before = int(time.time())
    until = int(re.search(r"exp=(\d+)", signed(t, "--for", "2h", "http://h/x"))[1])
    harness.check(before + 7200 <= until <= time.time() + 7200, f"{until} is not in two hours")


def mistakes_are_named(t):
    for arguments in (["http://h/x", "http://h/y"], [], ["--for", "1", "http://h/x"], ["--until", "-1", "http://h/x"],
                      ["http://h"], ["http://h/%zz"], ["http://h/%00"], ["http://h/%0a"], ["--id", "a b", "http://h/x"],
                      ["--id"]):
        done = sign(t, SECRET, *arguments)
        harness.check(done.returncode == 2 and not done.stdout and done.stderr, f"{arguments}: {done}")
    done = sign(t, "short", "http://h/x")
    harness.check(done.returncode == 2 and "16 bytes" in done.stderr, f"a short secret: {done}")


def the_examples_make_them():
    names = {"secret": SECRET}
    exec(example("python").replace("int(time.time()) + 3600", str(UNTIL)), names)  # pylint: disable=exec-used
    harness.equal(names["query"], STREAM, "Python's")
    if shutil.which("node"):
        code = example("js").replace("Math.floor(Date.now() / 1000) + 3600", str(UNTIL))
        program = f"const secret = '{SECRET}';\n{code}\nconsole.log(query);"
        done = subprocess.run(["node", "-e", program], capture_output=True, text=True, check=True)
        harness.equal(done.stdout.strip().replace("%2F", "/"), STREAM, "Node's")


def test(t):
    the_script_makes_them(t)
    secrets_of_any_size_are_hashed_right(t)
    a_lifetime_counts_from_now(t)
    mistakes_are_named(t)
    the_examples_make_them()


harness.main(test)
