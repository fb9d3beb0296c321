"""A started service with the tables of the tests, called without a socket."""

import pytest
from dynamodb_calls import FILES, ORDERS, Client, make_service
from fakes import FakeClock


@pytest.fixture
def dynamodb_clock():
    return FakeClock()


@pytest.fixture
def client(tmp_path, dynamodb_clock):
    service = make_service(tmp_path, FILES, ORDERS, clock=dynamodb_clock)
    service.start()
    yield Client(service)
    service.stop()
