"""The registry of rules. A rule is a generator over a View that yields (where, what was expected and what came)."""

import collections

Rule = collections.namedtuple("Rule", "name section sentence must judge")
Violation = collections.namedtuple("Violation", "rule where text must")

RULES = {}


def rule(name, section, sentence, must=True):
    """Registers the generator below it. must=False: a recommendation, whose violations are warnings."""
    def register(judge):
        if name in RULES:
            raise ValueError(f"two rules are called {name}")
        RULES[name] = Rule(name, section, sentence, must, judge)
        return judge
    return register


def judge(view):
    """All violations of all rules, each place once for a rule."""
    found = []
    for one in RULES.values():
        places = set()
        for where, text in one.judge(view):
            if where not in places:
                places.add(where)
                found.append(Violation(one.name, where, text, one.must))
    return found
