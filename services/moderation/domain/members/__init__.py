"""How members stand in a community, and what time and membership do to that."""
