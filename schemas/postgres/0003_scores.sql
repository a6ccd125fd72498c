-- What signers of gossip were charged with, and their scores. A score loses one point a minute; `at` is when it was last reckoned.

CREATE TABLE gossip_bridge.scores (
  bridge_id text NOT NULL,
  peer_id text NOT NULL,
  points integer NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (bridge_id, peer_id)
);

-- Each offence once: the cause names it.
CREATE TABLE gossip_bridge.offences (
  bridge_id text NOT NULL,
  peer_id text NOT NULL,
  cause text NOT NULL,
  reason text NOT NULL,
  points integer NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  evidence jsonb NOT NULL,
  PRIMARY KEY (bridge_id, peer_id, cause)
);

CREATE INDEX offences_by_age ON gossip_bridge.offences (bridge_id, at);
