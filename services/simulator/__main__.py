"""Run the simulator alone: `python -m services.simulator`."""

from services.simulator.app import RECIPE
from shared.process import main

if __name__ == "__main__":
    main(RECIPE.name, RECIPE)
