"""Run rewards alone: `python -m services.rewards`."""

from services.rewards.app import RECIPE
from shared.process import main

if __name__ == "__main__":
    main(RECIPE.name, RECIPE)
