"""Where the learned weights come from: corpora, our own templates, attacks, thresholds, measurement.

Nothing of it runs in the service, and nothing outside imports it.
"""
