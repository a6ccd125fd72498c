-- The libp2p keys of a bridge's instances. A key is held by a session advisory lock; the tables say what people and the next
-- holder have to know of it.

-- The advisory lock of a peer id. Of the peer id alone: a key that stands in the pools of two bridges is still one host.
CREATE FUNCTION gossip_bridge.identity_lock(peer_id text) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT ('x' || substr(encode(sha256(convert_to('gossip-bridge identity ' || peer_id, 'UTF8')), 'hex'), 1, 16))::bit(64)::bigint
$$;

-- The pool. The key is sealed with identity_encryption_key.
CREATE TABLE gossip_bridge.identities (
  bridge_id text NOT NULL,
  peer_id text NOT NULL,
  sealed_key bytea NOT NULL,
  advertise_addresses text[], -- null: those of the settings
  reserved_for text, -- the only instance that may take it; null: any
  created_at timestamptz NOT NULL DEFAULT now(),
  retired_at timestamptz,
  PRIMARY KEY (bridge_id, peer_id)
);

-- Who holds a key, or held it last; also keys of the settings.
CREATE TABLE gossip_bridge.identity_holders (
  bridge_id text NOT NULL,
  peer_id text NOT NULL,
  instance_id text NOT NULL,
  host text NOT NULL,
  token uuid NOT NULL, -- of the process
  since timestamptz NOT NULL DEFAULT now(),
  lease_until timestamptz, -- until then its host may run although its lock is gone; null: it was stopped in order, or has no lease
  PRIMARY KEY (bridge_id, peer_id)
);

CREATE INDEX identity_holders_by_peer ON gossip_bridge.identity_holders (peer_id);
