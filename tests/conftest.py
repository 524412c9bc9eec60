from hypothesis import settings

pytest_plugins = ["tests.support.mongod", "tests.support.kafka"]

# A slow machine must not fail a property; how long things take is measured by `make bench`.
settings.register_profile("chaupal", deadline=None)
settings.load_profile("chaupal")
