// A client of the peer service with the code that protoc-gen-go and protoc-gen-go-grpc generate from the proto, as a node has it. It
// reads calls from stdin, one JSON object a line ({"method", "request"}), and writes the answers to stdout ({"response"} or {"code",
// "message"}).
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"log"
	"os"
	"reflect"
	"time"

	"gossip-bridge/grpc-client/p2p_api"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

type call struct {
	Method  string          `json:"method"`
	Request json.RawMessage `json:"request"`
}

type answer struct {
	Response json.RawMessage `json:"response,omitempty"`
	Code     string          `json:"code,omitempty"`
	Message  string          `json:"message,omitempty"`
}

func main() {
	address := flag.String("address", "", "host:port of the bridge")
	key := flag.String("key", "", "x-api-key; none if empty")
	flag.Parse()
	connection, err := grpc.NewClient(*address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	check(err)
	client := p2p_api.NewPeerServiceClient(connection)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var next call
		check(json.Unmarshal(lines.Bytes(), &next))
		text, err := json.Marshal(ask(client, *key, next))
		check(err)
		_, err = os.Stdout.Write(append(text, '\n'))
		check(err)
	}
}

func ask(client p2p_api.PeerServiceClient, key string, next call) answer {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if key != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "x-api-key", key)
	}
	method := reflect.ValueOf(client).MethodByName(next.Method)
	if !method.IsValid() {
		log.Fatalf("the generated client has no %s", next.Method)
	}
	request := reflect.New(method.Type().In(1).Elem())
	check(protojson.Unmarshal(next.Request, request.Interface().(proto.Message)))
	results := method.Call([]reflect.Value{reflect.ValueOf(ctx), request})
	if err, isError := results[1].Interface().(error); isError {
		failure := status.Convert(err)
		return answer{Code: failure.Code().String(), Message: failure.Message()}
	}
	text, err := protojson.MarshalOptions{EmitUnpopulated: true, UseProtoNames: true}.Marshal(results[0].Interface().(proto.Message))
	check(err)
	return answer{Response: text}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
