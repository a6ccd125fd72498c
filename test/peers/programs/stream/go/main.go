// A client of the bridge's stream in Go (github.com/coder/websocket), written from docs/websocket.md.
//
//	client TYPE URL...
//
// It follows events of one type from now on. After a broken connection it goes on where it was, at the next URL. Each event is a line
// {"event", "id", "hash"}; besides it says {"live"} and {"gap"}.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"time"

	"github.com/coder/websocket"
)

const (
	subprotocol = "gossip-bridge.v1+json"
	// The server says something every 10 s.
	silence     = 25 * time.Second
	firstWait   = 100 * time.Millisecond
	longestWait = 2 * time.Second
	// A message may be as long as the longest announcement, and events come one by one.
	maxMessage = 1 << 20
)

type message struct {
	Type   string  `json:"type"`
	ID     string  `json:"id"`
	Cursor *string `json:"cursor"`
	Newest *string `json:"newest"`
	Reason string  `json:"reason"`
	Data   struct {
		Subtree struct {
			Hash string `json:"hash"`
		} `json:"subtree"`
	} `json:"data"`
}

type client struct {
	eventType string
	// Where to go on; nil before the first place is known.
	cursor *string
	seen   map[string]bool
	wait   time.Duration
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: client TYPE URL...")
		os.Exit(2)
	}
	follower := &client{eventType: os.Args[1], seen: map[string]bool{}, wait: firstWait}
	urls := os.Args[2:]
	for count := 0; ; count++ {
		err := follower.follow(urls[count%len(urls)])
		if websocket.CloseStatus(err) == 4400 {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		time.Sleep(time.Duration(float64(follower.wait) * (0.5 + rand.Float64())))
		follower.wait = min(2*follower.wait, longestWait)
	}
}

// One connection, until it ends.
func (c *client) follow(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), silence)
	defer cancel()
	connection, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{subprotocol}})
	if err != nil {
		return err
	}
	defer connection.CloseNow()
	connection.SetReadLimit(maxMessage)
	for {
		heard, err := read(connection)
		if err != nil {
			return err
		}
		if err := c.handle(connection, heard); err != nil {
			return err
		}
	}
}

func read(connection *websocket.Conn) (heard message, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), silence)
	defer cancel()
	_, text, err := connection.Read(ctx)
	if err != nil {
		return heard, err
	}
	return heard, json.Unmarshal(text, &heard)
}

func (c *client) handle(connection *websocket.Conn, heard message) error {
	switch heard.Type {
	case "hello":
		if c.cursor == nil {
			c.cursor = heard.Newest
		}
		return c.subscribe(connection)
	case "event":
		if !c.seen[heard.ID] {
			c.seen[heard.ID] = true
			say(map[string]any{"event": heard.Type, "id": heard.ID, "hash": heard.Data.Subtree.Hash})
		}
	case "gap":
		say(map[string]any{"event": "gap", "reason": heard.Reason})
	case "caught-up":
		c.wait = firstWait
		say(map[string]any{"event": "live"})
	}
	if heard.Cursor != nil {
		c.cursor = heard.Cursor
	}
	return nil
}

func (c *client) subscribe(connection *websocket.Conn) error {
	ask := map[string]any{"type": "subscribe", "types": []string{c.eventType}}
	if c.cursor != nil {
		ask["cursor"] = *c.cursor
	} else {
		ask["since"] = 0
	}
	text, err := json.Marshal(ask)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), silence)
	defer cancel()
	return connection.Write(ctx, websocket.MessageText, text)
}

func say(line map[string]any) {
	text, _ := json.Marshal(line)
	fmt.Println(string(text))
}
