module gossip-bridge-stream-client

go 1.26.6

require github.com/coder/websocket v1.8.15
