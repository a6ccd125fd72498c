"""A client of the bridge's stream in Python (the package websockets), written from docs/websocket.md.

    client TYPE URL...

It follows events of one type from now on. After a broken connection it goes on where it was, at the next URL. Each event is a line
{"event", "id", "hash"}; besides it says {"live"} and {"gap"}.
"""

import itertools
import json
import random
import sys
import time

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import connect

SUBPROTOCOL = "gossip-bridge.v1+json"
# The server says something every 10 s.
SILENCE_S = 25
FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 2
BROKE_THE_PROTOCOL = 4400


class Follower:
    def __init__(self, event_type):
        self.event_type = event_type
        # Where to go on; None before the first place is known.
        self.cursor = None
        self.seen = set()
        self.wait_s = FIRST_WAIT_S

    def follow(self, url):
        """One connection, until it ends."""
        with connect(url, subprotocols=[SUBPROTOCOL], open_timeout=SILENCE_S) as socket:
            while True:
                message = json.loads(socket.recv(timeout=SILENCE_S))
                if message["type"] == "hello":
                    self.cursor = self.cursor or message.get("newest")
                    socket.send(json.dumps(self.subscription()))
                self.handle(message)

    def subscription(self):
        place = {"since": 0} if self.cursor is None else {"cursor": self.cursor}
        return {"type": "subscribe", "types": [self.event_type], **place}

    def handle(self, message):
        kind = message["type"]
        if kind == "event" and message["id"] not in self.seen:
            self.seen.add(message["id"])
            say(event="event", id=message["id"], hash=message["data"]["subtree"]["hash"])
        if kind == "gap":
            say(event="gap", reason=message["reason"])
        if kind == "caught-up":
            self.wait_s = FIRST_WAIT_S
            say(event="live")
        self.cursor = message.get("cursor") or self.cursor


def say(**line):
    print(json.dumps(line), flush=True)


def main(event_type, *urls):
    follower = Follower(event_type)
    for url in itertools.cycle(urls):
        try:
            follower.follow(url)
        except ConnectionClosed as closed:
            if closed.rcvd is not None and closed.rcvd.code == BROKE_THE_PROTOCOL:
                sys.exit(str(closed))
        except (OSError, WebSocketException):  # among them TimeoutError
            pass
        time.sleep(follower.wait_s * (0.5 + random.random()))
        follower.wait_s = min(2 * follower.wait_s, LONGEST_WAIT_S)


main(*sys.argv[1:])
