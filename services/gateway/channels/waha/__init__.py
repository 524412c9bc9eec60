"""WAHA: groups of any size, through a linked device of our own number. Unofficial: it can be banned."""

from services.gateway.channels.waha.channel import Waha

__all__ = ["Waha"]
