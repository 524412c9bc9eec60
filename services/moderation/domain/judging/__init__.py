"""From a message to a verdict, and nothing but a verdict."""
