package main

// The wire form of Teranode's message bus: envelopes with messages, the stream on which nodes ask for addresses, and scores.

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

const addressProtocol = "/p2p-msg-bus/peer-addr-request/1.0.0"

type envelope struct {
	Name string `json:"name"`
	Data []byte `json:"data"`
}

type block struct {
	PeerID, ClientName, DataHubURL, Hash string
	Height                               uint32
	Header, Coinbase                     string
}

type subtree struct{ PeerID, ClientName, DataHubURL, Hash string }

type rejectedTx struct{ PeerID, ClientName, TxID, Reason string }

type feePolicy struct {
	MiningFee struct {
		Satoshis uint64 `json:"satoshis"`
		Bytes    uint64 `json:"bytes"`
	} `json:"miningFee"`
	MaxScriptSize uint64 `json:"maxscriptsizepolicy"`
	MaxTxSize     uint64 `json:"maxtxsizepolicy"`
	MaxSigOps     uint64 `json:"maxtxsigopscountspolicy"`
}

type nodeStatus struct {
	PeerID         string     `json:"peer_id"`
	ClientName     string     `json:"client_name"`
	Type           string     `json:"type"`
	BaseURL        string     `json:"base_url"`
	PropagationURL string     `json:"propagation_url,omitempty"`
	Version        string     `json:"version"`
	CommitHash     string     `json:"commit_hash"`
	BestHash       string     `json:"best_block_hash"`
	BestHeight     uint32     `json:"best_height"`
	TxCount        uint64     `json:"tx_count,omitempty"`
	SubtreeCount   uint32     `json:"subtree_count,omitempty"`
	FSMState       string     `json:"fsm_state"`
	StartTime      int64      `json:"start_time"`
	Uptime         float64    `json:"uptime"`
	MinerName      string     `json:"miner_name"`
	ListenMode     string     `json:"listen_mode"`
	ChainWork      string     `json:"chain_work"`
	SyncPeerID     string     `json:"sync_peer_id,omitempty"`
	SyncPeerHeight uint32     `json:"sync_peer_height,omitempty"`
	SyncPeerHash   string     `json:"sync_peer_block_hash,omitempty"`
	SyncSince      int64      `json:"sync_connected_at,omitempty"`
	MinMiningFee   *float64   `json:"min_mining_tx_fee,omitempty"`
	FeePolicy      *feePolicy `json:"fee_policy,omitempty"`
	PeersCount     int        `json:"connected_peers_count,omitempty"`
	Storage        string     `json:"storage,omitempty"`
}

// structureOf returns the structure of a topic's messages.
func structureOf(topic string) (any, error) {
	switch topic[strings.LastIndex(topic, "-")+1:] {
	case "block":
		return &block{}, nil
	case "subtree":
		return &subtree{}, nil
	case "rejected_tx":
		return &rejectedTx{}, nil
	case "node_status":
		return &nodeStatus{}, nil
	}
	return nil, fmt.Errorf("no structure for the topic %s", topic)
}

// encodeMessage writes a message by its structure, in an envelope.
func encodeMessage(name, topic string, fields json.RawMessage) ([]byte, error) {
	message, err := structureOf(topic)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(fields, message); err != nil {
		return nil, err
	}
	inner, err := json.Marshal(message)
	if err != nil {
		return nil, err
	}
	return json.Marshal(envelope{Name: name, Data: inner})
}

// heard says what a message is, by its structure, and its keys as they stand in it.
func heard(topic, signer string, data []byte) event {
	name, message, keys, err := decodeMessage(topic, data)
	if err != nil {
		return event{"event": "malformed", "topic": topic, "signer": signer, "error": err.Error()}
	}
	return event{"event": "heard", "topic": topic, "signer": signer, "name": name, "message": message, "keys": keys}
}

func decodeMessage(topic string, data []byte) (name, message, keys string, err error) {
	var e envelope
	if err = json.Unmarshal(data, &e); err != nil {
		return
	}
	if e.Name == "" {
		return "", "", "", fmt.Errorf("the envelope has no name")
	}
	content, err := structureOf(topic)
	if err != nil {
		return
	}
	if err = json.Unmarshal(e.Data, content); err != nil {
		return
	}
	again, err := json.Marshal(content)
	return e.Name, string(again), strings.Join(keysOf(e.Data), " "), err
}

// keysOf lists the keys of the outermost object, in order.
func keysOf(data []byte) (keys []string) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if _, err := decoder.Token(); err != nil {
		return nil
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return keys
		}
		keys = append(keys, fmt.Sprint(key))
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return keys
		}
	}
	return keys
}

// answerAddresses reads once and answers once, as the message bus does.
func answerAddresses(h host.Host) {
	h.SetStreamHandler(addressProtocol, func(s network.Stream) {
		defer s.Close()
		request := make([]byte, 256)
		n, err := s.Read(request)
		if n == 0 && err != nil {
			return
		}
		about, err := peer.Decode(string(request[:n]))
		if err != nil {
			return
		}
		addresses := []string{}
		for _, address := range h.Peerstore().Addrs(about) {
			addresses = append(addresses, address.String())
		}
		if answer, err := json.Marshal(addresses); err == nil {
			_, _ = s.Write(answer)
		}
	})
}

// askAddresses writes, reads once, and closes only then, as the message bus does.
func askAddresses(ctx context.Context, h host.Host, from, about string) error {
	neighbour, err := peer.Decode(from)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	s, err := h.NewStream(limited, neighbour, addressProtocol)
	if err != nil {
		return err
	}
	defer s.Close()
	if _, err := s.Write([]byte(about)); err != nil {
		return err
	}
	answer := make([]byte, 4096)
	n, err := s.Read(answer)
	if n == 0 {
		return err
	}
	var addresses []string
	if err := json.Unmarshal(answer[:n], &addresses); err != nil {
		return err
	}
	say(event{"event": "addresses", "about": about, "addresses": strings.Join(addresses, " ")})
	return nil
}

// busOptions are the router's settings in Teranode: its scores, and direct peers.
func busOptions(direct string) ([]pubsub.Option, error) {
	scores := &pubsub.PeerScoreParams{
		AppSpecificScore:            func(peer.ID) float64 { return 0 },
		IPColocationFactorWeight:    -35,
		IPColocationFactorThreshold: 10,
		BehaviourPenaltyWeight:      -16,
		BehaviourPenaltyThreshold:   6,
		BehaviourPenaltyDecay:       0.928,
		DecayInterval:               12 * time.Second,
		DecayToZero:                 0.01,
		RetainScore:                 6 * time.Hour,
	}
	thresholds := &pubsub.PeerScoreThresholds{
		GossipThreshold: -2000, PublishThreshold: -4000, GraylistThreshold: -8000,
		AcceptPXThreshold: 1000, OpportunisticGraftThreshold: 1,
	}
	options := []pubsub.Option{pubsub.WithPeerScore(scores, thresholds)}
	var peers []peer.AddrInfo
	for _, text := range strings.FieldsFunc(direct, func(r rune) bool { return r == '|' }) {
		info, err := peer.AddrInfoFromString(text)
		if err != nil {
			return nil, err
		}
		peers = append(peers, *info)
	}
	if len(peers) > 0 {
		options = append(options, pubsub.WithDirectPeers(peers))
	}
	return options, nil
}
