"""Keys that seal addresses in tests, as `GATEWAY_ADDRESS_KEYS` holds them."""

from __future__ import annotations

import base64

ADDRESS_KEY = base64.urlsafe_b64encode(b"only for tests, and 32 bytes too").decode()
OTHER_ADDRESS_KEY = base64.urlsafe_b64encode(b"what replaces it, 32 bytes long.").decode()
