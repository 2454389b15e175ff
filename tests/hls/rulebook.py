"""Loads all rules, in the order in which they are reported."""

import rules_playlist  # noqa: F401
import rules_revisions  # noqa: F401
import rules_delivery  # noqa: F401
import rules_media  # noqa: F401
import rules_fmp4  # noqa: F401
import rules_keys  # noqa: F401
import rules_parts  # noqa: F401
import rules_low_latency  # noqa: F401
import rules_delta  # noqa: F401
import rules_multivariant  # noqa: F401
