"""Meta's WhatsApp Cloud API: people one to one, and official groups of up to eight."""

from services.gateway.channels.cloud_api.channel import CloudApi

__all__ = ["CloudApi"]
