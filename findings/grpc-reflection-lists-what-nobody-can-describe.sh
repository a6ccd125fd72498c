#!/usr/bin/env bash
# @grpc/reflection 1.0.4 with @grpc/proto-loader 0.8.1 (npm), asked by grpcio-reflection 1.76.0 (PyPI); grpcurl 1.9.3 fails the same way.
#
# A service whose calls take google.protobuf.Empty. The server lists it, and answers for its file, but the descriptor in the answer has lost
# its imports: proto-loader writes none into what it hands to reflection. A client that builds the types cannot resolve Empty, so that it
# can list the service and nothing else: no describe, no call. A service without an import works, which hides it in every first try.
# `reserved 5;` in a message breaks it too: the end of a range is exclusive in a descriptor, proto-loader writes the last reserved number there, and a
# range of no numbers is refused by the protobuf libraries of Python and Go.
#
# Seen: `plain: ok`, `import: refused`, `reserved: refused`.
# What it means: try reflection with a client that builds the types, not with a list; put the import back into the descriptors; say in a
# comment what is reserved.
set -euo pipefail
WORK=$(mktemp -d)
SERVER=
finish() {
  status=$?
  [ -z "$SERVER" ] || { kill "$SERVER" 2>/dev/null; wait "$SERVER" 2>/dev/null; } || true
  rm -rf "$WORK"
  exit "$status"
}
trap finish EXIT
cd "$WORK"
npm install --silent --no-audit --no-fund @grpc/grpc-js@1.14.7 @grpc/proto-loader@0.8.1 @grpc/reflection@1.0.4 2>/dev/null
python3 -m venv python >/dev/null
python/bin/pip install --quiet --disable-pip-version-check grpcio-reflection==1.76.0

cat >plain.proto <<'PROTO'
syntax = "proto3";
package plain;
message Nothing {}
service Bell { rpc Ring(Nothing) returns (Nothing); }
PROTO
cat >import.proto <<'PROTO'
syntax = "proto3";
package with_import;
import "google/protobuf/empty.proto";
service Bell { rpc Ring(google.protobuf.Empty) returns (google.protobuf.Empty); }
PROTO
cat >reserved.proto <<'PROTO'
syntax = "proto3";
package with_reserved;
message Nothing { reserved 5; }
service Bell { rpc Ring(Nothing) returns (Nothing); }
PROTO
cat >server.cjs <<'JS'
const grpc = require('@grpc/grpc-js')
const { loadSync } = require('@grpc/proto-loader')
const { ReflectionService } = require('@grpc/reflection')

async function serve(file) {
  const server = new grpc.Server()
  const definition = loadSync(file)
  for (const service of Object.values(grpc.loadPackageDefinition(definition))) {
    if (service.Bell) server.addService(service.Bell.service, { Ring: (_, answer) => answer(null, {}) })
  }
  new ReflectionService(definition).addToServer(server)
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port)))
  })
}

Promise.all(['plain.proto', 'import.proto', 'reserved.proto'].map(serve)).then((ports) => console.log(ports.join(' ')))
JS
node server.cjs >ports 2>/dev/null &
SERVER=$!
for _ in $(seq 100); do [ -s ports ] && break; sleep 0.1; done

cat >client.py <<'PY'
import sys
import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

def look(port, service):
    database = ProtoReflectionDescriptorDatabase(grpc.insecure_channel(f"127.0.0.1:{port}"))
    assert service in database.get_services()
    try:
        DescriptorPool(database).FindServiceByName(service)
        return "ok"
    except Exception as error:
        if "-v" in sys.argv:
            print(error)
        return "refused"

ports = open("ports").read().split()
for name, port, service in zip(["plain", "import", "reserved"], ports, ["plain.Bell", "with_import.Bell", "with_reserved.Bell"]):
    print(f"{name}: {look(port, service)}")
PY
timeout 60 python/bin/python client.py "$@" | tee seen
[ "$(paste -sd ' ' seen)" = 'plain: ok import: refused reserved: refused' ]
