"""fal.ai, the paid provider: queue, storage, platform and webhooks over plain HTTP; no Django."""

from sequences.providers.fal.hooks import BadHook, fetch_keys, parse_keys, verify
from sequences.providers.fal.options import Options, Timeouts
from sequences.providers.fal.provider import Fal

__all__ = ["BadHook", "Fal", "Options", "Timeouts", "fetch_keys", "parse_keys", "verify"]
