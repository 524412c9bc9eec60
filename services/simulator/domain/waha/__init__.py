"""WAHA's dialect: what a server that drives an ordinary number tells, and what it takes."""
