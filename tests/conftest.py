from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.mongod", "tests.support.kafka"]

# A slow machine must not fail a property; how long things take is measured by `make bench`.
settings.register_profile("chaupal", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("chaupal")
