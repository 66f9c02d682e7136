"""Which addresses are public."""

import pytest

from stages.sources.errors import Unavailable
from stages.sources.network import checked_addresses, is_public, resolve


@pytest.mark.parametrize(
    "address",
    "127.0.0.1 10.1.2.3 172.16.0.1 192.168.0.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 ::1 :: "
    "fe80::1%eth0 fd00::1 ::ffff:192.168.0.1 64:ff9b::7f00:1 2002:7f00:1:: ff02::1".split(),
)
def test_private_addresses_are_known_in_every_dress(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:220:1::1", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"]
)
def test_public_addresses_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "localhost"])
def test_other_spellings_of_the_loopback_address_are_refused(host):
    with pytest.raises(Unavailable) as caught:
        checked_addresses(host, 80)
    assert caught.value.reason in {"private_address", "unreachable"}  # not every resolver knows them
    assert checked_addresses("localhost", 80, ["localhost"]) == resolve("localhost", 80)


def test_a_host_that_is_not_known_is_unreachable():
    with pytest.raises(Unavailable) as caught:
        resolve("a..b", 80)
    assert caught.value.reason == "unreachable"
