"""tests/hls/check: no rule fires on clean recordings, each rule when it is broken, and no other; the documentation has all of them."""

import os
import re

import checker
import harness


def test(t):
    proof = t.run(["python3", os.path.join(harness.SOURCE, "tests", "hls", "mutations.py")], seconds=120)
    harness.equal(proof.returncode, 0, f"exit status of the proof:\n{proof.stdout()}\n{proof.stderr()}")
    rules, mutations = map(int, re.search(r"^(\d+) rules, (\d+) mutations", proof.stdout()).groups())
    harness.check(rules >= 40 and mutations >= rules, f"too few rules: {proof.stdout()}")

    # The program: what its exit statuses say, without a server, and of a recording.
    nobody = t.run(["python3", checker.CHECK, f"http://127.0.0.1:{harness.free_port()}/x.m3u8", "--for", "1"])
    harness.equal((nobody.returncode, "no media playlist" in nobody.stderr()), (2, True), "of a server that is not there")
    harness.equal(checker.replayed(t, t.path("nothing")).returncode, 2, "of a recording that is not there")
    save = ("import sys; sys.dont_write_bytecode = True; sys.path.insert(0, sys.argv[1]); import synthetic, mutations, mutations_all\n"
            "change = mutations.MUTATIONS['TS-COUNTERS'][0]\n"
            "mutations.Recorder(synthetic.scene('ts')).run().save(sys.argv[2]); mutations.mutated(*change).save(sys.argv[3])")
    t.run(["python3", "-c", save, os.path.join(harness.SOURCE, "tests", "hls"), t.path("clean"), t.path("broken")]).succeeds()
    clean, broken = checker.replayed(t, t.path("clean")), checker.replayed(t, t.path("broken"))
    harness.equal((clean.returncode, clean.stdout().count("\n")), (0, 1), f"of a clean recording:\n{clean.stdout()}")
    harness.check(broken.returncode == 1 and broken.stdout().startswith("TS-COUNTERS: av.m3u8 106 "), f"of a broken one:\n{broken.stdout()}")


harness.main(test)
