"""Loads all rules, in the order in which they are reported."""

import rules_playlist  # noqa: F401
import rules_revisions  # noqa: F401
import rules_delivery  # noqa: F401
