"""Run events alone: `python -m services.events`."""

from services.events.app import RECIPE
from shared.process import main

if __name__ == "__main__":
    main(RECIPE.name, RECIPE)
