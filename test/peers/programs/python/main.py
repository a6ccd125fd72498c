"""A peer in Python for the tests: py-libp2p, by its defaults. It takes one command a line on its standard input and says what happens
as one JSON object a line on its standard output; see protocol.md."""

import argparse
import base64
import contextlib
import hashlib
import json
import logging
import sys

import trio
from libp2p import new_host
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.kad_dht.kad_dht import DHTMode, KadDHT
from libp2p.peer.id import ID
from libp2p.peer.peerinfo import info_from_p2p_addr
from libp2p.pubsub.gossipsub import PROTOCOL_ID_V11, PROTOCOL_ID_V12, GossipSub
from libp2p.pubsub.pubsub import Pubsub
from libp2p.tools.anyio_service.context import background_trio_service
from multiaddr import Multiaddr

COMMANDS = ("subscribe", "connect", "publish", "discover")
LOOK_EACH_SECONDS = 0.05


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


class Peer:
    def __init__(self, host, pubsub, dht, nursery):
        self.host, self.pubsub, self.dht, self.nursery = host, pubsub, dht, nursery

    async def subscribe(self, topic, **_):
        subscription = await self.pubsub.subscribe(topic)
        self.nursery.start_soon(self.hear, topic, subscription)
        self.nursery.start_soon(self.watch_subscribers, topic)

    async def hear(self, topic, subscription):
        while True:
            message = await subscription.get()
            signer = ID(message.from_id).to_string()
            if signer != self.host.get_id().to_string():
                say("message", topic=topic, signer=signer, hop="", data=base64.b64encode(message.data).decode())

    async def watch_subscribers(self, topic):
        seen = set()
        while True:
            now = {peer.to_string() for peer in self.pubsub.peer_topics.get(topic, set())}
            for peer in now - seen:
                say("subscriber", topic=topic, peerId=peer)
            seen = now
            await trio.sleep(LOOK_EACH_SECONDS)

    async def connect(self, address, **_):
        with trio.fail_after(20):
            await self.host.connect(info_from_p2p_addr(Multiaddr(address)))
        say("connected", peerId=address.rsplit("/", 1)[1])

    async def discover(self, topic, **_):
        if self.dht is None:
            raise ValueError("it serves in no DHT: start it with --kad /ipfs")
        # The key under which Go's discovery advertises a topic: the multihash of its name.
        key = (b"\x12\x20" + hashlib.sha256(topic.encode()).digest()).hex()
        with trio.move_on_after(20):
            await self.dht.provide(key)
            for found in await self.dht.find_providers(key):
                if found.peer_id != self.host.get_id() and found.addrs:
                    await self.connect_to(found)

    async def connect_to(self, found):
        try:
            await self.host.connect(found)
        except Exception as error:
            say("unreachable", peerId=found.peer_id.to_string(), error=repr(error))

    async def publish(self, topic, data, **_):
        await self.pubsub.publish(topic, base64.b64decode(data))

    async def run(self, line):
        command = json.loads(line)
        name = command.pop("do")
        try:
            if name not in COMMANDS:
                raise ValueError(f"no such command: {name}")
            await getattr(self, name)(**command)
            say("done", do=name)
        except Exception as error:  # whatever failed is said, and the peer goes on
            say("failed", do=name, error=repr(error))


async def main(port, seed, kad):
    key = create_new_key_pair(bytes.fromhex(seed) if seed else None)
    host = new_host(key_pair=key)
    router = GossipSub([PROTOCOL_ID_V12, PROTOCOL_ID_V11], degree=8, degree_low=6, degree_high=12, heartbeat_interval=1)
    pubsub = Pubsub(host, router)
    listen = Multiaddr(f"/ip4/127.0.0.1/tcp/{port}")
    async with host.run(listen_addrs=[listen]), trio.open_nursery() as nursery:
        dht = KadDHT(host, DHTMode.SERVER) if kad else None
        serving = background_trio_service(dht) if dht else contextlib.nullcontext()
        async with background_trio_service(pubsub), background_trio_service(router), serving:
            await pubsub.wait_until_ready()
            address = next(str(each) for each in host.get_addrs() if "/127.0.0.1/" in str(each))
            say("started", peerId=host.get_id().to_string(), address=address)
            peer = Peer(host, pubsub, dht, nursery)
            async for line in trio.wrap_file(sys.stdin):
                nursery.start_soon(peer.run, line)
            nursery.cancel_scope.cancel()


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", default="")
    parser.add_argument("--kad", choices=["", "/ipfs"], default="", help="py-libp2p speaks this prefix only, whatever it is given")
    arguments = parser.parse_args()
    trio.run(main, arguments.port, arguments.seed, arguments.kad)
