#!/bin/sh
# The steps of deploy/Dockerfile, so that they can be run, and were, without Docker. In a copy of the source:
#
#   deploy/image-steps.sh tools upstream|npm                  as root: what the next steps need beside Node
#   deploy/image-steps.sh dependencies                        the locked packages
#   deploy/image-steps.sh build OUT upstream|npm [TAG]        bundles, and puts what the image holds into OUT
set -eu

tools() {
  # npm resolves a git tag with git; the packages of the lockfile need nothing.
  [ "$1" = upstream ] || return 0
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ca-certificates git
}

dependencies() {
  npm ci
}

build() {
  out=$1 source=$2 tag=${3:-}
  npm run build
  npm prune --omit=dev
  case $source in
    upstream)
      rm -rf node_modules/uWebSockets.js
      npm install --no-save --omit=dev "uWebSockets.js@github:uNetworking/uWebSockets.js#$tag"
      ;;
    npm) ;;
    *) echo "UWEBSOCKETS is \"$source\": should be upstream or npm" >&2; exit 64 ;;
  esac
  keep_own_binaries
  # Fails here and now where the binary does not fit Node or glibc, not when the bridge starts.
  node -e "require('uWebSockets.js'); require('snappy'); require('lz4-napi'); require('sodium-native')"
  mkdir -p "$out"
  cp -R package.json LICENSE schemas node_modules dist deploy/healthcheck.mjs "$out/"
  mkdir -p "$out/src/dashboard"
  cp -R src/dashboard/page "$out/src/dashboard/"
  rm -rf "$out/dist/local" # the local stack is for tests and the demo
  node "$out/dist/main.js" --version
}

# uWebSockets.js brings one binary for each system, processor and Node version, sodium-native one for each system and processor: 75 MB, of which 4 are used.
keep_own_binaries() {
  own=$(node -p "'uws_' + process.platform + '_' + process.arch + '_' + process.versions.modules + '.node'")
  find node_modules/uWebSockets.js -name 'uws_*.node' ! -name "$own" -delete
  own=$(node -p "process.platform + '-' + process.arch")
  find node_modules/sodium-native/prebuilds -mindepth 1 -maxdepth 1 ! -name "$own" -exec rm -r {} +
}

step=$1
shift
case $step in
  tools | dependencies | build) "$step" "$@" ;;
  *) echo "no step $step: tools, dependencies or build" >&2; exit 64 ;;
esac
