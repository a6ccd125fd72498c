-- What the node's validation services reported of peers, by gRPC: one row per peer. `reputation` is the JSON of src/reputation/reputation.ts.

CREATE TABLE gossip_bridge.reputations (
  bridge_id text NOT NULL,
  peer_id text NOT NULL,
  reputation jsonb NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (bridge_id, peer_id)
);

CREATE INDEX reputations_by_change ON gossip_bridge.reputations (bridge_id, changed_at);
