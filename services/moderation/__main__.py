"""Run moderation alone: `python -m services.moderation`."""

from services.moderation.app import RECIPE
from shared.process import main

if __name__ == "__main__":
    main(RECIPE.name, RECIPE)
