-- Everything is keyed by bridge_id, because the bridges of several nodes may share one database. The objects live in the
-- schema gossip_bridge, which the migrator makes, so that they never meet another program's table of the same name.

-- One row per bridge. Each change locks it, so changes of one bridge have one order and their revisions have no holes.
CREATE TABLE gossip_bridge.ban_lists (
  bridge_id text PRIMARY KEY,
  revision bigint NOT NULL DEFAULT 0,
  entries integer NOT NULL DEFAULT 0
);

-- What is banned now. The key is canonical text: address, address/length, or peer id.
CREATE TABLE gossip_bridge.bans (
  bridge_id text NOT NULL REFERENCES gossip_bridge.ban_lists,
  key text NOT NULL,
  until timestamptz, -- null: permanent
  since timestamptz NOT NULL,
  reason text NOT NULL,
  cause text NOT NULL,
  PRIMARY KEY (bridge_id, key)
);

-- Finds what is over, and what goes first when the list is full.
CREATE INDEX bans_by_expiry ON gossip_bridge.bans (bridge_id, until, since);

-- The audit of all changes, which is also the outbox for the events in the log and the topic of current bans.
CREATE TABLE gossip_bridge.ban_changes (
  bridge_id text NOT NULL REFERENCES gossip_bridge.ban_lists,
  revision bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  action text NOT NULL CHECK (action IN ('add', 'remove', 'clear', 'expire')),
  key text NOT NULL,
  until timestamptz,
  since timestamptz,
  reason text NOT NULL,
  changed boolean NOT NULL,
  source text NOT NULL, -- topic:partition:offset of the command, or where else the change came from
  evidence jsonb,
  removed_keys text[] NOT NULL DEFAULT '{}', -- what a clear removed, for the tombstones
  published_at timestamptz,
  PRIMARY KEY (bridge_id, revision),
  CONSTRAINT ban_changes_source UNIQUE (bridge_id, source)
);

CREATE INDEX ban_changes_unpublished ON gossip_bridge.ban_changes (bridge_id, revision) WHERE published_at IS NULL;
CREATE INDEX ban_changes_by_age ON gossip_bridge.ban_changes (bridge_id, at) WHERE published_at IS NOT NULL;
