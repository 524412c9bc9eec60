"""Run the gateway alone: `python -m services.gateway`."""

from services.gateway.app import RECIPE
from shared.process import main

if __name__ == "__main__":
    main(RECIPE.name, RECIPE)
