"""Run feedback alone: `python -m services.feedback`."""

from services.feedback.app import RECIPE
from shared.process import main

if __name__ == "__main__":
    main(RECIPE.name, RECIPE)
