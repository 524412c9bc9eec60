"""Run all services in one process, as a small installation does: `python -m services`.

The simulator takes part only where `SIMULATOR_WEBHOOK_URL` is set, for it has no place in production.
"""

from services.gateway.app import RECIPE as GATEWAY
from services.moderation.app import RECIPE as MODERATION
from services.simulator.app import RECIPE as SIMULATOR
from shared.process import main
from shared.settings import is_set

if __name__ == "__main__":
    simulated = [SIMULATOR] if is_set("SIMULATOR_WEBHOOK_URL") else []
    main("chaupal", GATEWAY, MODERATION, *simulated)
