"""The manifests of examples/cluster/kubernetes fit the schemas of Kubernetes, broken ones are refused, and what they name in each
other is there: selectors, ports, secrets, what is scaled; pods get the time that draining takes."""

import os

import harness
import manifests

# What is put for what in which file, and what the checker must say to it.
_BREAKS = [
    ("origins.yaml", "  replicas: 2\n", "  replicas: two\n", "/spec/replicas"),
    ("origins.yaml", "terminationGracePeriodSeconds:", "terminationGraceSeconds:", "/terminationGraceSeconds is not a field"),
    ("origins.yaml", "  serviceName: srs-origins\n", "  serviceName: [srs-origins]\n", "/spec/serviceName"),
    ("origins.yaml", "  maxUnavailable: 1\n", "  maxUnavailable: {}\n", "/spec/maxUnavailable"),
    ("edges.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata", "apiVersion: apps/v2\nkind: Deployment\nmetadata",
     "there is no Deployment in apps/v2"),
    ("edges.yaml", "kind: HorizontalPodAutoscaler", "kind: HorizontalAutoscaler", "there is no HorizontalAutoscaler"),
    ("edges.yaml", "          averageValue: \"1000\"\n", "          average: \"1000\"\n", "/target/average is not a field"),
    ("edges.yaml", "            - name: http\n              containerPort: 8080\n", "            - name: http\n              port: 8080\n",
     "/ports/1"),
    ("edges.yaml", "              drop: [\"ALL\"]\n", "              drop: ALL\n", "/capabilities/drop"),
    ("redis.yaml", "stringData:\n  password: change-me\n", "stringData:\n  password: [1]\n", "/stringData/password"),
    ("redis.yaml", "type: Opaque\n", "type: Opaque\ntype: Opaque\n", "unique"),
]


def refuses_broken_ones(t):
    for name, good, bad, wanted in _BREAKS:
        path = next(file for file in manifests.files() if file.endswith("/" + name))
        with open(path) as f:
            text = f.read()
        harness.check(good in text, f"{name} has no {good!r}")
        with open(t.path(name), "w") as f:
            f.write(text.replace(good, bad, 1))
        said = manifests.mistakes([t.path(name)])
        harness.check(any(wanted in line for line in said), f"{name} with {bad!r} gave {said}, not {wanted!r}")
        os.unlink(t.path(name))


def test(t):
    harness.check(len(manifests.files()) >= 3, f"only {manifests.files()}")
    harness.equal(manifests.mistakes(manifests.files()), [], "mistakes in the manifests")
    refuses_broken_ones(t)

    documents = manifests.documents()
    templates = {(d["kind"], d["metadata"]["name"]): d["spec"]["template"] for d in documents if "template" in d.get("spec", {})}
    services = {d["metadata"]["name"]: d for d in documents if d["kind"] == "Service"}
    secrets = {d["metadata"]["name"]: d["stringData"] for d in documents if d["kind"] == "Secret"}

    def selected(labels, what):
        found = [t for t in templates.values() if labels.items() <= t["metadata"]["labels"].items()]
        harness.equal(len(found), 1, f"pod templates that {what} selects by {labels}")
        return found[0]

    def ports_of(template):
        return {port["name"]: port["containerPort"] for c in template["spec"]["containers"] for port in c["ports"]}

    for name, service in services.items():
        pod_ports = ports_of(selected(service["spec"]["selector"], f"service {name}"))
        for port in service["spec"]["ports"]:
            harness.check(port["targetPort"] in pod_ports, f"service {name}: pods have no port {port['targetPort']}")
    for d in documents:
        if d["kind"] == "PodDisruptionBudget":
            selected(d["spec"]["selector"]["matchLabels"], "a disruption budget")
        if d["kind"] == "HorizontalPodAutoscaler":
            target = d["spec"]["scaleTargetRef"]
            harness.check((target["kind"], target["name"]) in templates, f"{target} is not there to be scaled")
        if d["kind"] == "StatefulSet":
            harness.equal(services[d["spec"]["serviceName"]]["spec"]["clusterIP"], "None", "a StatefulSet's service is headless")
        if "template" in d.get("spec", {}):
            harness.equal(d["spec"]["selector"]["matchLabels"], d["spec"]["template"]["metadata"]["labels"], "its own labels")

    # The operators' interface and the registry are for those who are named, and nobody else.
    guarded = {"admin", "redis"}
    policies = [d["spec"] for d in documents if d["kind"] == "NetworkPolicy"]
    for policy in policies:
        ports = ports_of(selected(policy["podSelector"]["matchLabels"], "a network policy"))
        for rule in policy["ingress"]:
            named = {port["port"] for port in rule["ports"]}
            harness.check(named <= ports.keys(), f"a network policy names {named}, of which a pod has {set(ports)}")
            harness.check(rule.get("from") or not named & guarded, f"a network policy opens {named} to every pod")
    for template in templates.values():
        labels = template["metadata"]["labels"]
        own = [policy for policy in policies if policy["podSelector"]["matchLabels"].items() <= labels.items()]
        harness.check(own or not guarded & ports_of(template).keys(), f"no network policy guards {labels}")

    for (kind, name), template in templates.items():
        ports = ports_of(template)
        for container in template["spec"]["containers"]:
            for variable in container["env"]:
                key = variable.get("valueFrom", {}).get("secretKeyRef")
                harness.check(not key or key["key"] in secrets[key["name"]], f"{kind} {name}: no secret {key}")
            for probe in ("readinessProbe", "livenessProbe"):
                action = container.get(probe, {})
                action = action.get("httpGet") or action.get("tcpSocket")
                harness.check(not action or action["port"] in ports, f"{kind} {name}: {probe} asks a port that is not there")
            drain = [int(a.removeprefix("--drain=").removesuffix("s")) for a in container["args"] if a.startswith("--drain=")]
            if not drain:
                continue
            pause = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
            grace = template["spec"]["terminationGracePeriodSeconds"]
            harness.check(grace >= pause + drain[0] + 3, f"{kind} {name}: {grace} s for a pause of {pause} s and {drain[0]} s of draining")
            scraped = template["metadata"]["annotations"]
            harness.equal(scraped["prometheus.io/port"], str(ports["admin"]), f"{kind} {name}: the port that Prometheus asks")


harness.main(test)
