"""The proof that each rule watches: for each a mutation that breaks it, and nothing else, in a presentation that is
otherwise as it should be. Exactly that rule must fire. `python3 mutations.py` runs all; tests/e2e/hls does."""

import collections
import os
import re
import sys
import traceback

import rulebook  # noqa: F401
import rules
import synthetic
import view
from synthetic_recording import BASE, Recorder

MUTATIONS = collections.defaultdict(list)  # rule -> [(scene, change, before)]
SCENES = ("ts", "fmp4", "aes", "aes-map", "low-latency", "ladder")


def in_scene(rule, scene="ts"):
    """Registers change(scene): it is broken at its source, and recorded then."""
    return lambda change: MUTATIONS[rule].append((scene, change, True)) or change


def in_recording(rule, scene="ts"):
    """Registers change(recording, scene): what was recorded is altered."""
    return lambda change: MUTATIONS[rule].append((scene, change, False)) or change


def exchanges(recording, kind, name=None, probe=None):
    """Of a kind, of a playlist by its name, of a probe."""
    return [e for e in recording.exchanges if e.kind == kind and (name is None or e.list == f"{BASE}{name}.m3u8")
            and (probe is None or e.about["probe"] == probe)]


def replace(exchange, pattern, new, count=0):
    """In the text of a body; there must be something to replace."""
    text, times = re.subn(pattern, new, exchange.text(), count=count, flags=re.MULTILINE)
    if not times:
        raise ValueError(f"nothing is like {pattern!r} in\n{exchange.text()}")
    exchange.body = text.encode()


def replace_all(recording, pattern, new, name=None, kinds=("playlist", "delta")):
    for kind in kinds:
        for e in exchanges(recording, kind, name):
            replace(e, pattern, new)


def newest(recording, name="av"):
    """The last answers of a playlist that are all the same revision."""
    polls = exchanges(recording, "playlist", name)
    return [e for e in polls if e.body == polls[-1].body]


def last_segment(scene):
    """The newest that the recording has: the last whole one at its end."""
    return int(scene.window - 3 + scene.seconds + 0.01) - 1 + synthetic.FIRST


def mutated(scene_name, change, before):
    scene = synthetic.scene(scene_name)
    if before:
        change(scene)
    recording = Recorder(scene).run()
    if not before:
        recording = recording.copy()
        change(recording, scene)
    return recording


def fired(recording):
    return collections.Counter(one.rule for one in rules.judge(view.View(recording)))


def prove(rule, scene, change, before):
    """None, or what is wrong with this mutation or its rule."""
    try:
        found = rules.judge(view.View(mutated(scene, change, before)))
    except Exception:  # noqa: BLE001 - say which mutation it was
        return f"{rule}: {change.__name__} in {scene}:\n{traceback.format_exc()}"
    names = {one.rule for one in found}
    if names == {rule}:
        return None
    lines = "\n".join(f"    {one.rule}: {one.where}: {one.text}" for one in found[:6])
    return f"{rule}: {change.__name__} in {scene} makes {sorted(names) or 'no rule'} fire\n{lines}"


def documented(path):
    """Rules of the table in a page: name -> (section, sentence)."""
    with open(path) as f:
        rows = re.findall(r"^\| `([A-Z0-9-]+)`( \(should\))? \| (.*?) \| (.*?) \|$", f.read(), re.MULTILINE)
    return {name: (section, sentence, not should) for name, should, section, sentence in rows}


def table():
    """The same table, made from the registry."""
    rows = ["| Rule | Section | What must be |", "|---|---|---|"]
    rows += [f"| `{one.name}`{'' if one.must else ' (should)'} | {one.section} | {one.sentence} |" for one in rules.RULES.values()]
    return "\n".join(rows)


def undocumented(path):
    wanted = {one.name: (one.section, one.sentence, one.must) for one in rules.RULES.values()}
    said = documented(path)
    return [f"{path}: the row of {name} is not as in the rules" for name in sorted(wanted.keys() | said.keys())
            if wanted.get(name) != said.get(name)]


def main():
    import mutations_all  # noqa: F401 - registers with the module that is imported, not with this script
    failures = []
    for scene in SCENES:
        found = rules.judge(view.View(Recorder(synthetic.scene(scene)).run()))
        failures += [f"{scene}, which is clean: {one.rule}: {one.where}: {one.text}" for one in found]
    failures += [f"{rule}: no mutation" for rule in rules.RULES if rule not in MUTATIONS]
    failures += [f"{rule}: a mutation of no rule" for rule in MUTATIONS if rule not in rules.RULES]
    only = set(sys.argv[1:])
    count = 0
    for rule, tries in MUTATIONS.items():
        for one in tries if not only or rule in only else ():
            count += 1
            failures += [problem] if (problem := prove(rule, *one)) else []
    page = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "hls-checker.md")
    failures += undocumented(page)
    print("\n".join(failures) if failures else f"{len(rules.RULES)} rules, {count} mutations: each makes its rule fire and no other")
    return 1 if failures else 0


if __name__ == "__main__":
    if "--table" in sys.argv:
        print(table())
        sys.exit(0)
    import mutations
    sys.exit(mutations.main())
