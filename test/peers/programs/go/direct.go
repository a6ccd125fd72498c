package main

// The direct stream of older Teranode nodes: one JSON object, then the end of the stream.

import (
	"context"
	"encoding/base64"
	"io"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

const directProtocol = "teranode/bitcoin/1.0.0"
const maxObjectBytes = 1 << 20

// hearObjects says each object that somebody sends, and whether its stream ended as it should.
func hearObjects(h host.Host) {
	h.SetStreamHandler(directProtocol, func(s network.Stream) {
		defer s.Close()
		from := s.Conn().RemotePeer().String()
		_ = s.SetReadDeadline(time.Now().Add(30 * time.Second))
		data, err := io.ReadAll(io.LimitReader(s, maxObjectBytes))
		if err != nil {
			say(event{"event": "broken", "peerId": from, "error": err.Error()})
			return
		}
		say(event{"event": "object", "peerId": from, "data": base64.StdEncoding.EncodeToString(data)})
	})
}

// sendObject writes one object to a connected peer, and ends the stream.
func sendObject(ctx context.Context, h host.Host, to, data string) error {
	receiver, err := peer.Decode(to)
	if err != nil {
		return err
	}
	object, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	s, err := h.NewStream(limited, receiver, directProtocol)
	if err != nil {
		return err
	}
	if _, err := s.Write(object); err != nil {
		_ = s.Reset()
		return err
	}
	return s.Close()
}
