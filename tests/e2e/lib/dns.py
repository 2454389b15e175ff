"""A DNS server (dnsmasq) in a network of its own, whose programs see a resolv.conf of their own: the machine's is not touched.

    server = dns.start(t, ["--host-record=one.example.test,127.0.1.1"])
    t.run(server.inside(["srs-probe", "rtmp://one.example.test/live/a"]))
"""

import os

import harness


class Server:
    def __init__(self, process):
        self.process = process

    def inside(self, argv):
        """argv as a program of the server's network."""
        program = os.path.join(harness.BIN, argv[0]) if argv[0].startswith(("srs-", "test-")) else argv[0]
        rights = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        return ["nsenter", "--target", str(self.process.pid), *rights, "--mount", "--net", program, *argv[1:]]


def start(t, records, nameserver="127.0.0.53"):
    """Answers with what `records` (options of dnsmasq) say, and that nothing else exists; `nameserver` is what programs ask."""
    configuration = t.path("resolv.conf")
    with open(configuration, "w") as f:
        f.write(f"nameserver {nameserver}\noptions timeout:10 attempts:2\n")
    rights = [] if os.geteuid() == 0 else ["--map-root-user"]
    # The shell turns into dnsmasq, so the namespaces last as long as it does, and a pid is enough to enter them.
    script = ("ip link set lo up && mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"")
    process = t.start(["unshare", *rights, "--mount", "--net", "sh", "-c", script, configuration,
                       "/usr/sbin/dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--group=root",
                       "--pid-file=", "--log-facility=-", "--no-resolv", "--no-hosts", "--no-poll", "--bind-interfaces",
                       "--listen-address=127.0.0.53", "--local=/#/", *records])
    process.wait_line("started, version")
    return Server(process)
