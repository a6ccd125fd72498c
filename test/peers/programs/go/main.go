// A peer in Go for the tests: go-libp2p with go-libp2p-pubsub, by their defaults, as other nodes run them. It takes one command a
// line on its standard input and says what happens as one JSON object a line on its standard output; see protocol.md.
package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/discovery/routing"
)

type event map[string]any

var printing sync.Mutex

func say(e event) {
	printing.Lock()
	defer printing.Unlock()
	line, err := json.Marshal(e)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(line))
}

type node struct {
	host      host.Host
	router    *pubsub.PubSub
	discovery *routing.RoutingDiscovery
	topics    map[string]*pubsub.Topic
	name      string
}

type settings struct {
	port                         int
	seed, psk, kad, name, direct string
}

type command struct {
	Do      string          `json:"do"`
	Topic   string          `json:"topic"`
	Address string          `json:"address"`
	Data    string          `json:"data"`
	Count   int             `json:"count"`
	Bytes   int             `json:"bytes"`
	InMs    int             `json:"inMs"`
	PeerID  string          `json:"peerId"`
	About   string          `json:"about"`
	Message json.RawMessage `json:"message"`
}

func main() {
	var of settings
	flag.IntVar(&of.port, "port", 0, "port on 127.0.0.1; 0 takes any")
	flag.StringVar(&of.seed, "seed", "", "32 bytes in hex, from which the identity is made")
	flag.StringVar(&of.psk, "psk", "", "32 bytes in hex: the shared key of a private network")
	flag.StringVar(&of.kad, "kad", "", "prefix of the DHT's protocol, for example /teranode; empty is no DHT")
	flag.StringVar(&of.name, "bus", "", "name of a client of Teranode's message bus; empty is a plain peer")
	flag.StringVar(&of.direct, "direct", "", "addresses of direct peers, separated by |; with --bus only")
	flag.Parse()
	ctx := context.Background()
	n, err := start(ctx, of)
	if err != nil {
		log.Fatal(err)
	}
	say(event{"event": "started", "peerId": n.host.ID().String(), "address": address(n.host)})
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 0, 1<<20), 4<<20)
	for lines.Scan() {
		var c command
		if err = json.Unmarshal(lines.Bytes(), &c); err == nil {
			err = n.run(ctx, c)
		}
		if err != nil {
			say(event{"event": "failed", "do": c.Do, "error": err.Error()})
		} else {
			say(event{"event": "done", "do": c.Do})
		}
	}
	if err := n.host.Close(); err != nil {
		log.Fatal(err)
	}
}

func start(ctx context.Context, of settings) (*node, error) {
	options := []libp2p.Option{
		libp2p.ListenAddrStrings(fmt.Sprintf("/ip4/127.0.0.1/tcp/%d", of.port)),
		libp2p.DisableRelay(),
	}
	if of.seed != "" {
		key, err := privateKey(of.seed)
		if err != nil {
			return nil, err
		}
		options = append(options, libp2p.Identity(key))
	}
	if of.psk != "" {
		key, err := hex.DecodeString(of.psk)
		if err != nil {
			return nil, err
		}
		options = append(options, libp2p.PrivateNetwork(key))
	}
	h, err := libp2p.New(options...)
	if err != nil {
		return nil, err
	}
	h.Network().Notify(&network.NotifyBundle{
		ConnectedF: func(_ network.Network, c network.Conn) {
			say(event{"event": "connected", "peerId": c.RemotePeer().String()})
		},
		DisconnectedF: func(_ network.Network, c network.Conn) {
			say(event{"event": "disconnected", "peerId": c.RemotePeer().String()})
		},
	})
	hearObjects(h)
	n := &node{host: h, topics: map[string]*pubsub.Topic{}, name: of.name}
	if of.kad != "" {
		table, err := dht.New(h, dht.Mode(dht.ModeServer), dht.ProtocolPrefix(protocol.ID(of.kad)))
		if err != nil {
			return nil, err
		}
		if err := table.Bootstrap(ctx); err != nil {
			return nil, err
		}
		n.discovery = routing.NewRoutingDiscovery(table)
	}
	var router []pubsub.Option
	if of.name != "" {
		answerAddresses(h)
		if router, err = busOptions(of.direct); err != nil {
			return nil, err
		}
	}
	n.router, err = pubsub.NewGossipSub(ctx, h, router...)
	return n, err
}

func privateKey(seed string) (crypto.PrivKey, error) {
	raw, err := hex.DecodeString(seed)
	if err != nil {
		return nil, err
	}
	key, _, err := crypto.GenerateEd25519Key(strings.NewReader(string(raw)))
	return key, err
}

func address(h host.Host) string {
	return fmt.Sprintf("%s/p2p/%s", h.Addrs()[0], h.ID())
}

func (n *node) run(ctx context.Context, c command) error {
	switch c.Do {
	case "subscribe":
		return n.subscribe(ctx, c.Topic)
	case "connect":
		info, err := peer.AddrInfoFromString(c.Address)
		if err != nil {
			return err
		}
		limited, cancel := context.WithTimeout(ctx, 20*time.Second)
		defer cancel()
		return n.host.Connect(limited, *info)
	case "publish":
		data, err := base64.StdEncoding.DecodeString(c.Data)
		if err != nil {
			return err
		}
		return n.publish(ctx, c.Topic, data)
	case "burst":
		return n.burst(ctx, c)
	case "announce":
		data, err := encodeMessage(n.name, c.Topic, c.Message)
		if err != nil {
			return err
		}
		return n.publish(ctx, c.Topic, data)
	case "send":
		return sendObject(ctx, n.host, c.PeerID, c.Data)
	case "ask":
		return askAddresses(ctx, n.host, c.PeerID, c.About)
	case "discover":
		return n.discover(ctx, c.Topic)
	}
	return fmt.Errorf("no such command: %q", c.Do)
}

func (n *node) join(name string) (*pubsub.Topic, error) {
	if topic, ok := n.topics[name]; ok {
		return topic, nil
	}
	topic, err := n.router.Join(name)
	if err != nil {
		return nil, err
	}
	n.topics[name] = topic
	events, err := topic.EventHandler()
	if err != nil {
		return nil, err
	}
	go func() {
		for {
			e, err := events.NextPeerEvent(context.Background())
			if err != nil {
				return
			}
			if e.Type == pubsub.PeerJoin {
				say(event{"event": "subscriber", "topic": name, "peerId": e.Peer.String()})
			}
		}
	}()
	return topic, nil
}

func (n *node) subscribe(ctx context.Context, name string) error {
	topic, err := n.join(name)
	if err != nil {
		return err
	}
	subscription, err := topic.Subscribe(pubsub.WithBufferSize(4096))
	if err != nil {
		return err
	}
	go func() {
		for {
			message, err := subscription.Next(ctx)
			if err != nil {
				return
			}
			if message.ReceivedFrom == n.host.ID() {
				continue
			}
			if n.name != "" {
				say(heard(name, message.GetFrom().String(), message.Data))
			}
			say(event{
				"event": "message", "topic": name, "signer": message.GetFrom().String(),
				"hop": message.ReceivedFrom.String(), "data": base64.StdEncoding.EncodeToString(message.Data),
			})
		}
	}()
	return nil
}

// discover advertises a topic in the DHT, looks once for others who do, and connects to them.
func (n *node) discover(ctx context.Context, topic string) error {
	limited, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	if _, err := n.discovery.Advertise(limited, topic); err != nil {
		return err
	}
	found, err := n.discovery.FindPeers(limited, topic)
	if err != nil {
		return err
	}
	for info := range found {
		if info.ID == n.host.ID() || len(info.Addrs) == 0 {
			continue
		}
		if err := n.host.Connect(limited, info); err != nil {
			say(event{"event": "unreachable", "peerId": info.ID.String(), "error": err.Error()})
		}
	}
	return nil
}

func (n *node) publish(ctx context.Context, name string, data []byte) error {
	topic, err := n.join(name)
	if err != nil {
		return err
	}
	return topic.Publish(ctx, data)
}

// burst publishes `count` messages of `bytes` bytes, spread evenly over `inMs`. Each begins with its number and a space.
func (n *node) burst(ctx context.Context, c command) error {
	began := time.Now()
	for i := range c.Count {
		time.Sleep(time.Until(began.Add(time.Duration(c.InMs) * time.Millisecond * time.Duration(i) / time.Duration(c.Count))))
		text := fmt.Sprintf("%d ", i)
		if err := n.publish(ctx, c.Topic, []byte(text+strings.Repeat(".", max(0, c.Bytes-len(text))))); err != nil {
			return err
		}
	}
	return nil
}
