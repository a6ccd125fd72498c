#!/usr/bin/env bash
# py-libp2p 0.8.1: a DHT of one's own network.
#
# `KadDHT` takes a `protocol_prefix`, and checks the other settings against it. A node with the prefix `/mynet` keeps it, and answers on
# `/ipfs/kad/1.0.0` all the same, as it also asks on that name only. So a private DHT made in Python speaks the public one's protocol, and
# no node in Go, Rust or JavaScript with `/mynet/kad/1.0.0` finds it.
#
# Seen: `asked for: /mynet`, `answers on: /ipfs/kad/1.0.0`.
# What it means: a DHT of another name has no servers that run py-libp2p.
set -euo pipefail
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check libp2p==0.8.1

cat >dht.py <<'PY'
import logging

import trio
from libp2p import new_host
from libp2p.kad_dht.kad_dht import DHTMode, KadDHT
from libp2p.peer.peerinfo import info_from_p2p_addr
from libp2p.records.pubkey import PublicKeyValidator
from libp2p.records.validator import NamespacedValidator
from libp2p.tools.anyio_service.context import background_trio_service
from multiaddr import Multiaddr

logging.disable(logging.CRITICAL)
NAMES = ("/mynet/kad/1.0.0", "/ipfs/kad/1.0.0")


async def main():
    server, other = new_host(), new_host()
    validator = NamespacedValidator({"pk": PublicKeyValidator()})
    dht = KadDHT(server, DHTMode.SERVER, validator=validator, validator_changed=True, protocol_prefix="/mynet")
    async with server.run(listen_addrs=[Multiaddr("/ip4/127.0.0.1/tcp/0")]), other.run(listen_addrs=[]):
        async with background_trio_service(dht):
            address = next(each for each in server.get_addrs() if "/127.0.0.1/" in str(each))
            await other.connect(info_from_p2p_addr(address))
            print("asked for:", dht.protocol_prefix)
            answered = []
            for name in NAMES:
                try:
                    with trio.fail_after(8):
                        await other.new_stream(server.get_id(), [name])
                    answered.append(name)
                except Exception:
                    pass
            print("answers on:", *answered, flush=True)


trio.run(main)
PY
venv/bin/python dht.py 2>/dev/null | tee seen.txt
diff - seen.txt <<'SEEN'
asked for: /mynet
answers on: /ipfs/kad/1.0.0
SEEN
echo "still so: py-libp2p's DHT has one name"
