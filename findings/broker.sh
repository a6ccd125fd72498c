# Sourced by the findings: one Kafka broker in a temporary folder, from Maven's jars, with the features that `kafka-storage format` gives.
# Needs Java 17, Maven, npm. MORE_SETTINGS may have further lines for its settings. Sets WORK (the folder), CLASSPATH (Kafka's jars) and BOOTSTRAP; ends its own broker and removes the folder at the end.
set -euo pipefail
KAFKA=${KAFKA:-4.1.2}
WORK=$(mktemp -d)
BROKER=
finish() {
  status=$?
  [ -z "$BROKER" ] || { kill "$BROKER" 2>/dev/null; wait "$BROKER" 2>/dev/null; } || true
  rm -rf "$WORK"
  exit "$status"
}
trap finish EXIT

cat >"$WORK/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>finding</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$KAFKA</version></dependency>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>$KAFKA</version>
<exclusions><exclusion><groupId>org.apache.kafka</groupId><artifactId>connect-runtime</artifactId></exclusion></exclusions></dependency>
</dependencies></project>
POM
mvn -q -B -f "$WORK/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$WORK/libs"
CLASSPATH=$(printf '%s:' "$WORK"/libs/*.jar)
export CLASSPATH

free_port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'; }
JAVA=(java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j2.StatusLogger.level=OFF -Dlog4j2.level=OFF)
# Runs a class of Kafka's: `java_tool CLASS [argument ...]`. In the background, use "${JAVA[@]}" itself: the pid of a function is that of a subshell.
java_tool() { "${JAVA[@]}" "$@"; }

start_broker() {
  local port controller
  port=$(free_port)
  controller=$(free_port)
  BOOTSTRAP=127.0.0.1:$port
  cat >"$WORK/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://$BOOTSTRAP,CONTROLLER://127.0.0.1:$controller
controller.listener.names=CONTROLLER
log.dirs=$WORK/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
${MORE_SETTINGS:-}
PROPERTIES
  java_tool kafka.tools.StorageTool format -t "$(java_tool kafka.tools.StorageTool random-uuid 2>/dev/null)" -c "$WORK/server.properties" >"$WORK/format.log" 2>&1
  "${JAVA[@]}" kafka.Kafka "$WORK/server.properties" >"$WORK/broker.log" 2>&1 &
  BROKER=$!
  for _ in $(seq 60); do
    java_tool org.apache.kafka.tools.TopicCommand --bootstrap-server "$BOOTSTRAP" --list >/dev/null 2>&1 && return
    sleep 1
  done
  echo 'the broker did not start' >&2
  exit 1
}

create_topic() { java_tool org.apache.kafka.tools.TopicCommand --bootstrap-server "$BOOTSTRAP" --create --topic "$1" --partitions 1 >/dev/null 2>&1; }

# Values that Kafka's own consumer reads with isolation level read_committed, in one line.
read_with_java() {
  java_tool org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server "$BOOTSTRAP" --topic "$1" --from-beginning \
    --isolation-level read_committed --timeout-ms 4000 2>/dev/null | paste -sd ' '
}

# Compares what was seen with what this finding says, and fails when they differ.
expect() {
  echo "$1: $2"
  [ "$2" = "$3" ] || { echo "CHANGED: expected $3" >&2; exit 1; }
}
