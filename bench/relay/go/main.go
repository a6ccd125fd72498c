// The bare relay that the bridge is measured against: Kafka -> gossip -> Kafka with franz-go and go-libp2p-pubsub, and nothing else. It has
// no event log, validation, bans or proof of what was delivered.
//
//	relay --brokers A,B --in TOPIC --out TOPIC --group NAME --gossip TOPIC [--peer MULTIADDR] [--queue N]
//
// It prints `listening MULTIADDR`, and `ready` once its partitions are assigned and a neighbour is subscribed. It ends with its
// standard input.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/twmb/franz-go/pkg/kgo"
)

// As much as the topic of the bridge takes.
const maxBytes = 32 << 10

type settings struct {
	brokers, in, out, group, gossip, peer string
	queue                                 int
}

// notification is what the own node's services write.
type notification struct {
	Type string `json:"type"`
	Hash string `json:"hash"`
}

// announcement is what nodes send each other.
type announcement struct {
	Hash       string
	DataHubURL string
	PeerID     string
}

func main() {
	var of settings
	flag.StringVar(&of.brokers, "brokers", "", "bootstrap brokers, separated by commas")
	flag.StringVar(&of.in, "in", "", "topic with the notifications of the own node")
	flag.StringVar(&of.out, "out", "", "topic for the announcements of others")
	flag.StringVar(&of.group, "group", "", "consumer group of the in-topic")
	flag.StringVar(&of.gossip, "gossip", "", "gossip topic")
	flag.StringVar(&of.peer, "peer", "", "multiaddr of the neighbour to dial; empty waits for one")
	flag.IntVar(&of.queue, "queue", 0, "length of each queue of go-libp2p-pubsub; 0 keeps its defaults")
	flag.Parse()
	if err := run(of); err != nil {
		log.Fatal(err)
	}
}

func run(of settings) error {
	ctx := context.Background()
	host, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.DisableRelay())
	if err != nil {
		return err
	}
	fmt.Printf("listening %s/p2p/%s\n", host.Addrs()[0], host.ID())
	options, buffer := queues(of.queue)
	router, err := pubsub.NewGossipSub(ctx, host, options...)
	if err != nil {
		return err
	}
	topic, err := router.Join(of.gossip)
	if err != nil {
		return err
	}
	subscription, err := topic.Subscribe(buffer...)
	if err != nil {
		return err
	}
	if of.peer != "" {
		info, err := peer.AddrInfoFromString(of.peer)
		if err != nil {
			return err
		}
		if err := host.Connect(ctx, *info); err != nil {
			return err
		}
	}
	assigned := make(chan struct{}, 1)
	client, err := connect(of, assigned)
	if err != nil {
		return err
	}
	go hear(ctx, subscription, host.ID(), client, of.out)
	go tell(ctx, topic, host.ID().String(), client)
	<-assigned
	for len(topic.ListPeers()) == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Println("ready")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// queues sets all queues that drop messages when they are full.
func queues(length int) ([]pubsub.Option, []pubsub.SubOpt) {
	if length == 0 {
		return nil, nil
	}
	return []pubsub.Option{
		pubsub.WithPeerOutboundQueueSize(length),
		pubsub.WithValidateQueueSize(length),
	}, []pubsub.SubOpt{pubsub.WithBufferSize(length)}
}

func connect(of settings, assigned chan<- struct{}) (*kgo.Client, error) {
	return kgo.NewClient(
		kgo.SeedBrokers(strings.Split(of.brokers, ",")...),
		kgo.ConsumerGroup(of.group),
		kgo.ConsumeTopics(of.in),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchMaxWait(250*time.Millisecond),
		// As the bridge: not compressed, and on its way as soon as it is there.
		kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.ProducerLinger(0),
		kgo.MaxBufferedRecords(1<<20),
		kgo.OnPartitionsAssigned(func(context.Context, *kgo.Client, map[string][]int32) {
			select {
			case assigned <- struct{}{}:
			default:
			}
		}),
	)
}

// tell publishes the notifications of the own node.
func tell(ctx context.Context, topic *pubsub.Topic, self string, client *kgo.Client) {
	for {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			log.Fatal(err)
		}
		fetches.EachRecord(func(record *kgo.Record) {
			var own notification
			if err := json.Unmarshal(record.Value, &own); err != nil {
				log.Fatal(err)
			}
			data, err := json.Marshal(announcement{own.Hash, "https://node.example.org:8090/api/v1", self})
			if err == nil {
				err = topic.Publish(ctx, data)
			}
			if err != nil {
				log.Fatal(err)
			}
		})
	}
}

// hear writes the announcements of others.
func hear(ctx context.Context, subscription *pubsub.Subscription, self peer.ID, client *kgo.Client, out string) {
	for {
		message, err := subscription.Next(ctx)
		if err != nil {
			log.Fatal(err)
		}
		if message.ReceivedFrom == self || len(message.Data) > maxBytes {
			continue
		}
		var heard announcement
		if json.Unmarshal(message.Data, &heard) != nil || heard.PeerID != message.GetFrom().String() {
			continue
		}
		record := &kgo.Record{Topic: out, Key: []byte(heard.Hash), Value: message.Data}
		client.Produce(ctx, record, func(_ *kgo.Record, err error) {
			if err != nil {
				log.Fatal(err)
			}
		})
	}
}
