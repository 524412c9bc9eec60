pytest_plugins = ["tests.support.mongod", "tests.support.kafka"]
