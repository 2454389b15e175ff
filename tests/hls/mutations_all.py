"""Loads all mutations."""

import mutations_delivery  # noqa: F401
import mutations_low_latency  # noqa: F401
import mutations_media  # noqa: F401
import mutations_multivariant  # noqa: F401
import mutations_playlist  # noqa: F401
