"""A name with several addresses gives them all; SRV records give hosts, ports, priorities and weights, also when the answer needs
TCP; what cannot be found is said in a sentence; a name server that is silent does not hold up the end of a program."""

import time

import dns
import harness

_RECORDS = [
    "--host-record=many.example.test,127.0.1.1", "--host-record=many.example.test,127.0.1.2",
    "--host-record=many.example.test,127.0.1.3",
    "--host-record=a.example.test,127.0.2.1", "--host-record=b.example.test,127.0.2.2",
    "--srv-host=_rtmp._tcp.example.test,b.example.test,1937,20,1",
    "--srv-host=_rtmp._tcp.example.test,a.example.test,1936,10,60",
    "--srv-host=_rtmp._tcp.example.test,gone.example.test,1938,10,40",
    "--srv-host=_http._tcp.example.test,many.example.test,8080,0,0",
    "--srv-host=_gone._tcp.example.test,gone.example.test,1938,10,40",
    *(f"--srv-host=_long._tcp.example.test,a.example.test,{port},0,{port}" for port in range(2001, 2041)),
]


def test(t):
    server = dns.start(t, _RECORDS)

    def resolved(url):
        lines = t.run(server.inside(["test-resolve", "60000", url])).succeeds().stdout().splitlines()
        harness.check(lines and all(line.startswith(url + ": ") for line in lines), f"{url} gave {lines}")
        return [line.removeprefix(url + ": ") for line in lines]

    harness.equal(sorted(resolved("rtmp://many.example.test:1940/live")),
                  [f"127.0.1.{i} 1940 priority 0 weight 1" for i in (1, 2, 3)], "the addresses of a name")
    harness.equal(resolved("rtmp+srv://_rtmp._tcp.example.test/live"),
                  ["127.0.2.1 1936 priority 10 weight 60", "127.0.2.2 1937 priority 20 weight 1"],
                  "SRV records, one of them of a host that is unknown")
    harness.equal(sorted(resolved("http+srv://_http._tcp.example.test")),
                  [f"127.0.1.{i} 8080 priority 0 weight 0" for i in (1, 2, 3)], "an SRV record of a name with several addresses")
    harness.equal(resolved("rtmp+srv://_long._tcp.example.test"),
                  [f"127.0.2.1 {port} priority 0 weight {port}" for port in range(2040, 2000, -1)], "an answer that needs TCP")

    for url, wanted in (("rtmp://nobody.example.test", "the host 'nobody.example.test' is not known"),
                        ("rtmp+srv://_none._tcp.example.test", "no SRV records for '_none._tcp.example.test'"),
                        ("rtmp+srv://many.example.test", "leave out '+srv'"),
                        ("rtmp+srv://_gone._tcp.example.test", "the host 'gone.example.test' is not known")):
        answer = resolved(url)
        harness.check(len(answer) == 1 and answer[0].startswith("error: ") and wanted in answer[0], f"{url} gave {answer}")

    away = dns.start(t, [], nameserver="127.0.0.54")
    for url in ("rtmp://many.example.test", "rtmp+srv://_rtmp._tcp.example.test"):
        answer = t.run(away.inside(["test-resolve", "60000", url])).succeeds().stdout()
        harness.check("no name server answers" in answer, f"a name server that is not there: {answer!r}")
    silent = t.start(away.inside(["python3", "-c", "import socket, time\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                                  "s.bind(('127.0.0.54', 53))\nprint('bound', flush=True)\ntime.sleep(600)"]))
    harness.until(lambda: "bound" in silent.stdout(), "the silent name server")
    started = time.monotonic()
    t.run(away.inside(["test-resolve", "200"] + [f"rtmp://{name}.example.test" for name in "abcdefgh"])).succeeds()
    harness.check(time.monotonic() - started < 9, "the program waited for a name server that is silent")


harness.main(test)
