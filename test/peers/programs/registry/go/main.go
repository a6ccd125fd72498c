// A client of the bridge's topics in Go: franz-go, its schema registry client, and hamba/avro. It knows a broker, a schema registry and a topic.
//
//	client BROKER REGISTRY TOPIC read         prints a line {"key", "value"} for each record up to the end of the topic
//	client BROKER REGISTRY TOPIC write        writes the value on standard input, as JSON, with the newest schema of TOPIC-value
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"time"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if len(os.Args) != 5 {
		fail(fmt.Errorf("usage: client BROKER REGISTRY TOPIC read|write"))
	}
	broker, registry, topic := os.Args[1], os.Args[2], os.Args[3]
	schemas, err := sr.NewClient(sr.URLs(registry))
	fail(err)
	if os.Args[4] == "write" {
		fail(write(ctx, broker, topic, schemas))
	} else {
		fail(read(ctx, broker, topic, schemas))
	}
}

func read(ctx context.Context, broker, topic string, schemas *sr.Client) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ConsumeTopics(topic))
	if err != nil {
		return err
	}
	defer client.Close()
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, topic)
	if err != nil {
		return err
	}
	left := int64(0)
	ends.Each(func(end kadm.ListedOffset) { left += end.Offset })
	known := map[int]avro.Schema{}
	for left > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		for _, record := range fetches.Records() {
			left--
			value, err := decode(ctx, schemas, known, record.Value)
			if err != nil {
				return fmt.Errorf("offset %d: %w", record.Offset, err)
			}
			line, err := json.Marshal(map[string]any{"key": string(record.Key), "value": value})
			if err != nil {
				return err
			}
			fmt.Println(string(line))
		}
	}
	return nil
}

// decode returns null for a tombstone.
func decode(ctx context.Context, schemas *sr.Client, known map[int]avro.Schema, bytes []byte) (any, error) {
	if bytes == nil {
		return nil, nil
	}
	header := sr.ConfluentHeader{}
	id, body, err := header.DecodeID(bytes)
	if err != nil {
		return nil, err
	}
	schema, ok := known[id]
	if !ok {
		found, err := schemas.SchemaByID(ctx, id)
		if err != nil {
			return nil, err
		}
		if schema, err = avro.Parse(found.Schema); err != nil {
			return nil, err
		}
		known[id] = schema
	}
	var value any
	if err := avro.Unmarshal(schema, body, &value); err != nil {
		return nil, err
	}
	return plain(value), nil
}

// plain takes away what JSON has no form for: times become milliseconds.
func plain(value any) any {
	switch each := value.(type) {
	case map[string]any:
		for name, inner := range each {
			each[name] = plain(inner)
		}
	case time.Time:
		return each.UnixMilli()
	case *big.Rat:
		return each.String()
	}
	return value
}

func write(ctx context.Context, broker, topic string, schemas *sr.Client) error {
	latest, err := schemas.SchemaByVersion(ctx, topic+"-value", -1)
	if err != nil {
		return err
	}
	schema, err := avro.Parse(latest.Schema.Schema)
	if err != nil {
		return err
	}
	var value map[string]any
	if err := json.NewDecoder(os.Stdin).Decode(&value); err != nil {
		return err
	}
	if height, ok := value["height"].(float64); ok {
		value["height"] = int64(height)
	}
	body, err := avro.Marshal(schema, value)
	if err != nil {
		return err
	}
	header := sr.ConfluentHeader{}
	framed, err := header.AppendEncode(nil, latest.ID, nil)
	if err != nil {
		return err
	}
	// franz-go compresses with snappy by default, which a plain kafkajs cannot read.
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ProducerBatchCompression(kgo.NoCompression()))
	if err != nil {
		return err
	}
	defer client.Close()
	record := &kgo.Record{Topic: topic, Key: []byte(fmt.Sprint(value["hash"])), Value: append(framed, body...)}
	return client.ProduceSync(ctx, record).FirstErr()
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
