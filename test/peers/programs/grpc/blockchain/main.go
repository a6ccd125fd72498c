// The blockchain service of a node, for the bridge's adapter: as a Teranode does, it names the tip to each new subscriber. It reads
// commands from stdin, one a line (mine, subtree <hash>, hang-up), and writes what it did to stdout (listening <address>, block <hash>,
// subscribed <source>).
package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log"
	"net"
	"os"
	"slices"
	"strings"
	"sync"

	api "gossip-bridge/grpc-client/blockchain_api"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

const (
	subtreeMade = 1
	blockAdded  = 2
	running     = 1
)

type node struct {
	api.UnimplementedBlockchainAPIServer
	mutex       sync.Mutex
	headers     [][]byte
	subscribers map[chan *api.Notification]bool
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	server := grpc.NewServer()
	node := &node{subscribers: map[chan *api.Notification]bool{}}
	api.RegisterBlockchainAPIServer(server, node)
	node.mine()
	go func() { check(server.Serve(listener)) }()
	fmt.Println("listening", listener.Addr())
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		switch words := strings.Fields(lines.Text()); words[0] {
		case "mine":
			node.mine()
		case "subtree":
			hash, err := hex.DecodeString(words[1])
			check(err)
			slices.Reverse(hash)
			node.tell(&api.Notification{Type: subtreeMade, Hash: hash})
		case "hang-up":
			node.hangUp()
		}
	}
}

func (n *node) mine() {
	n.mutex.Lock()
	header := make([]byte, 80)
	if height := len(n.headers); height > 0 {
		copy(header[4:], hashOf(n.headers[height-1]))
	}
	binary.LittleEndian.PutUint32(header[76:], uint32(len(n.headers)))
	n.headers = append(n.headers, header)
	n.mutex.Unlock()
	hash := hashOf(header)
	n.tell(&api.Notification{Type: blockAdded, Hash: hash})
	shown := slices.Clone(hash)
	slices.Reverse(shown)
	fmt.Println("block", hex.EncodeToString(shown))
}

func (n *node) tell(notification *api.Notification) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for subscriber := range n.subscribers {
		subscriber <- notification
	}
}

func (n *node) hangUp() {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for subscriber := range n.subscribers {
		close(subscriber)
		delete(n.subscribers, subscriber)
	}
}

func (n *node) Subscribe(request *api.SubscribeRequest, stream grpc.ServerStreamingServer[api.Notification]) error {
	news := make(chan *api.Notification, 100)
	n.mutex.Lock()
	news <- &api.Notification{Type: blockAdded, Hash: hashOf(n.headers[len(n.headers)-1])}
	n.subscribers[news] = true
	n.mutex.Unlock()
	defer func() {
		n.mutex.Lock()
		delete(n.subscribers, news)
		n.mutex.Unlock()
	}()
	fmt.Println("subscribed", request.Source)
	for {
		select {
		case notification, isOpen := <-news:
			if !isOpen {
				return nil
			}
			if err := stream.Send(notification); err != nil {
				return err
			}
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
	}
}

func (n *node) GetBestBlockHeader(context.Context, *emptypb.Empty) (*api.GetBlockHeaderResponse, error) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.described(len(n.headers) - 1), nil
}

func (n *node) GetBlockHeader(_ context.Context, request *api.GetBlockHeaderRequest) (*api.GetBlockHeaderResponse, error) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for height, header := range n.headers {
		if slices.Equal(hashOf(header), request.BlockHash) {
			return n.described(height), nil
		}
	}
	return nil, status.Error(codes.NotFound, "no such block")
}

func (n *node) GetFSMCurrentState(context.Context, *emptypb.Empty) (*api.GetFSMStateResponse, error) {
	return &api.GetFSMStateResponse{State: running}, nil
}

func (n *node) described(height int) *api.GetBlockHeaderResponse {
	return &api.GetBlockHeaderResponse{BlockHeader: n.headers[height], Height: uint32(height), TxCount: 3, SizeInBytes: 1 << 60, Miner: "/go/"}
}

// In internal order.
func hashOf(header []byte) []byte {
	once := sha256.Sum256(header)
	twice := sha256.Sum256(once[:])
	return twice[:]
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
