"""Users with passwords: made by --hash-password, taken as Basic and in the query; who guesses is no hindrance to others."""

import harness
import rights


def test(t):
    with open(t.path("password"), "w") as f:
        f.write("correct horse\n")
    made = t.run(["srs-relay", "--hash-password"], stdin=t.path("password")).succeeds()
    hashed = made.stdout().strip()
    harness.check(hashed.startswith("$argon2id$") and "correct" not in hashed, hashed)
    server = rights.Guarded(t, f'''
[users.alice]
password = "{hashed}"
allow = ["publish,play live/alice/**"]
''')
    ask = "?user=alice&pass=correct%20horse"
    harness.check(not server.may_publish("live/alice/cam", "?user=alice&pass=wrong"), "a wrong password publishes")
    harness.check(not server.may_publish("live/bob/cam", ask), "alice publishes for bob")
    server.publisher("live/alice/cam" + ask)
    harness.until(lambda: server.hls_status("live/alice/cam", fields=rights.basic("alice", "correct horse")) == 200, "alice's stream")
    harness.check(server.may_play_rtmp("live/alice/cam", ask), "RTMP does not play with user and password")
    for i in range(12):
        harness.check(not server.may_play_flv("live/alice/cam", fields=rights.basic("alice", f"guess {i}")), "a guess plays")
    harness.check(server.may_play_flv("live/alice/cam", fields=rights.basic("alice", "correct horse")), "alice is locked out")
    empty = t.run(["srs-relay", "--hash-password"])
    harness.equal(empty.returncode, 2, "exit status of --hash-password without a password")


harness.main(test)
