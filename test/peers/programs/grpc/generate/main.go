// Generates the Go code of the bridge's protos with the plugins of protoc, without protoc: it has no package for Go.
package main

import (
	"bytes"
	"context"
	"log"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/pluginpb"
)

// Each proto, and the folder of its code.
var protos = map[string]string{"peer_service.proto": "p2p_api", "blockchain_api.proto": "blockchain_api"}

func main() {
	for protoFile, output := range protos {
		generate(protoFile, output)
	}
}

func generate(protoFile, output string) {
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(&protocompile.SourceResolver{}),
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	files, err := compiler.Compile(context.Background(), protoFile)
	check(err)
	request := &pluginpb.CodeGeneratorRequest{
		FileToGenerate: []string{protoFile},
		Parameter:      proto.String("paths=source_relative"),
	}
	imports := files[0].Imports()
	for at := range imports.Len() {
		request.ProtoFile = append(request.ProtoFile, protodesc.ToFileDescriptorProto(imports.Get(at)))
	}
	request.ProtoFile = append(request.ProtoFile, protodesc.ToFileDescriptorProto(files[0]))
	check(os.MkdirAll(output, 0o755))
	for _, plugin := range []string{"protoc-gen-go", "protoc-gen-go-grpc"} {
		run(plugin, output, request)
	}
}

func run(plugin, output string, request *pluginpb.CodeGeneratorRequest) {
	input, err := proto.Marshal(request)
	check(err)
	command := exec.Command("go", "tool", plugin)
	command.Stdin = bytes.NewReader(input)
	command.Stderr = os.Stderr
	answer, err := command.Output()
	check(err)
	var response pluginpb.CodeGeneratorResponse
	check(proto.Unmarshal(answer, &response))
	if response.Error != nil {
		log.Fatal(*response.Error)
	}
	for _, file := range response.File {
		check(os.WriteFile(filepath.Join(output, filepath.Base(file.GetName())), []byte(file.GetContent()), 0o644))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
