"""Every tool: a slip in an option's name, in a value or in a --config file is an error that says what may have been
meant, and where; values are listed by --help, and nothing else is one."""

import re

import harness

# What each cannot do without, a slip in one of its options, and what it is for.
SLIPS = {
    "srs-ingest": (["test:"], "--relatime", "--realtime"),
    "srs-relay": (["--pass"], "--lisen=rtmp://127.0.0.1:1/live/secret", "--listen"),
    "srs-hls": (["www"], "--low-latncy", "--low-latency"),
    "srs-probe": (["x.flv"], "--jason", "--json"),
    "srs-bench": (["play", "rtmp://127.0.0.1/live/x"], "--cuont", "--count"),
}
CHOICES = {
    "srs-ingest": [("--on-full", "drop-gop|block|exit"), ("--takeover", "reject|kick")],
    "srs-relay": [("--on-full", "drop-gop|block"), ("--takeover", "reject|kick"), ("--balance", "round-robin|least-conn|weighted|hash")],
    "srs-hls": [("--format", "ts|fmp4"), ("--audio", "muxed|demuxed"), ("--encrypt", "aes-128|sample-aes"), ("--record-format", "fmp4|flv")],
    "srs-probe": [("--log-time", "auto|always|never")],
    "srs-bench": [("--ll", "auto|off"), ("--variant", "highest|lowest"), ("--log-format", "text|json")],
}


def refuses(t, argv):
    stage = t.run(argv, seconds=10, cwd=t.dir)
    harness.equal(stage.returncode, 2, f"exit status of {' '.join(argv)}: {stage.stderr()!r}")
    harness.equal(len(stage.stderr().splitlines()), 1, f"lines of {' '.join(argv)}: {stage.stderr()!r}")
    return stage.stderr()


def refuses_values(t, tool, needed):
    shown = t.run([tool, "--help"]).stdout()
    for option, values in CHOICES[tool]:
        harness.check(re.search(rf"{option} {re.escape(values)}\s", shown), f"{tool} --help does not list {option} {values}")
        first = values.split("|")[0]
        for wrong in ["1", "0", first.upper(), first + "x", "{}"]:
            said = refuses(t, [tool, *needed, option, wrong])
            wanted = f"{option}: '{wrong}' is none of {values.replace('|', ', ')}"
            harness.check(wanted in said, f"{tool} {option} {wrong} says {said!r}")
        harness.check(f"did you mean {first}?" in refuses(t, [tool, *needed, option, first[:-1] + "x" + first[-1]]),
                      f"{tool} suggests nothing for a slip in {first}")


def refuses_config(t, tool, needed, slip, meant):
    def said_of(text):
        with open(t.path("config"), "w") as f:
            f.write(text)
        return refuses(t, [tool, *needed, "--config", "config"])

    name = slip.strip("-").split("=")[0]
    said = said_of(f"# a comment\nlog-format = text\n{name} = 1\n")
    harness.check(f"config, line 3: there is no option '{name}': did you mean {meant.strip('-')}?" in said, f"{tool} says {said!r}")
    said = said_of("log-format = text\n[nowhere]\nlog-format = text\n")
    harness.check("config, line 3: there is no section [nowhere]" in said, f"{tool} says {said!r}")
    option, values = CHOICES[tool][0]
    said = said_of(f"\n{option.strip('-')} = nothing\n")
    harness.check(f"config, line 2: {option}: 'nothing' is none of {values.replace('|', ', ')}" in said, f"{tool} says {said!r}")


def test(t):
    for tool, (needed, slip, meant) in SLIPS.items():
        said = refuses(t, [tool, *needed, slip])
        harness.check(f"there is no option {slip.split('=')[0]}: did you mean {meant}?" in said, f"{tool} says {said!r}")
        harness.check("secret" not in said, f"{tool} shows the value: {said!r}")
        refuses_values(t, tool, needed)
        refuses_config(t, tool, needed, slip, meant)
    said = refuses(t, ["srs-bench", "plya", "rtmp://127.0.0.1/live/x"])
    harness.check("there is no command 'plya': did you mean play?" in said, f"srs-bench says {said!r}")
    said = refuses(t, ["srs-ingest", "test:?size=320x240&durtaion=1s"])
    harness.check("did you mean duration?" in said, f"srs-ingest says {said!r}")
    said = refuses(t, ["srs-probe", "x.flv", "--fail-if", "gpas>1"])
    harness.check("did you mean gaps?" in said, f"srs-probe says {said!r}")
    # What is right in a file is done: here, the name of the file that cannot be opened.
    with open(t.path("config"), "w") as f:
        f.write('SOURCE = "no such file.flv"\nlog-format = "json"\n')
    stage = t.run(["srs-ingest", "--config", "config"], cwd=t.dir, stdout=t.path("out"))
    harness.equal(stage.returncode, 1, "exit status for a source of the configuration")
    harness.check('"message":' in stage.stderr() and "no such file.flv" in stage.stderr(), f"it says {stage.stderr()!r}")


harness.main(test)
