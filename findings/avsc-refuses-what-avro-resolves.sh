#!/usr/bin/env bash
# avsc 5.7.9 (npm) and fastavro 1.12.1 (PyPI), which reads with a reader's schema what was written with another, as Avro's section on schema resolution has it.
#
# 1. A record in another namespace. The specification compares unqualified names, since version 1.11. fastavro reads it; avsc refuses to
#    create the resolver, although it has aliases for that.
# 2. A field that its writer made nullable: the reader wants a string, the writer's type is ["null","string"]. The specification looks at the branch of
#    each value: only a null is an error. fastavro reads the value; avsc refuses the schema as a whole, whatever was written with it.
# 3. A default value that fits another branch of its union ("default": null on ["string","null"]), as several generators write it. A writer's defaults have
#    no part in reading. fastavro reads it; avsc refuses to parse the schema.
#
# Seen: `fastavro: hello, hello, hello`, `avsc: refused, refused, refused`.
# What it means: behind a schema registry, a JavaScript reader meets schemas that its Java and Python neighbours read. Strip the writer's
# defaults, give its record the reader's name, and read by content where a field is nullable on one side only.
set -euo pipefail
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"
npm install --silent --no-audit --no-fund avsc@5.7.9
python3 -m venv python >/dev/null
python/bin/pip install --quiet --disable-pip-version-check fastavro==1.12.1

cat >schemas.json <<'JSON'
{
  "reader": { "type": "record", "name": "Note", "namespace": "one", "fields": [{ "name": "text", "type": "string" }] },
  "writers": [
    { "type": "record", "name": "Note", "namespace": "two", "fields": [{ "name": "text", "type": "string" }] },
    { "type": "record", "name": "Note", "namespace": "one", "fields": [{ "name": "text", "type": ["null", "string"] }] },
    { "type": "record", "name": "Note", "namespace": "one", "fields": [{ "name": "text", "type": "string" }, { "name": "more", "type": ["string", "null"], "default": null }] }
  ],
  "bytes": ["0a68656c6c6f", "020a68656c6c6f", "0a68656c6c6f02"]
}
JSON
cat >read.py <<'PY'
import io, json
from fastavro import schemaless_reader

given = json.load(open("schemas.json"))
texts = []
for writer, body in zip(given["writers"], given["bytes"]):
    texts.append(schemaless_reader(io.BytesIO(bytes.fromhex(body)), writer, given["reader"])["text"])
print(", ".join(texts))
PY
cat >read.cjs <<'JS'
const avro = require('avsc')
const { reader, writers, bytes } = require('./schemas.json')
const type = avro.Type.forSchema(reader)
const read = (writer, body) => {
  try {
    const resolver = type.createResolver(avro.Type.forSchema(writer))
    return type.fromBuffer(Buffer.from(body, 'hex'), resolver).text
  } catch {
    return 'refused'
  }
}
console.log(writers.map((writer, at) => read(writer, bytes[at])).join(', '))
JS
python=$(python/bin/python read.py)
javascript=$(node read.cjs)
echo "fastavro: $python"
echo "avsc: $javascript"
[ "$python" = 'hello, hello, hello' ] && [ "$javascript" = 'refused, refused, refused' ]
