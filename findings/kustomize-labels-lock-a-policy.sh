#!/usr/bin/env bash
# kustomize 0.20.1 (its Go API, as in kustomize 5.7 and kubectl), a NetworkPolicy that lets pods of another application in, and the
# transformer that kustomize's pages recommend for labels: `labels:` with `includeSelectors: true` (and `commonLabels:`, its predecessor).
#
# The label gets into the selector of the pods that the policy protects, as one expects of a selector. It also gets into the selectors
# under `ingress.from` and `egress.to`, which name the pods at the other end. The policy then lets in only pods that carry our label:
# the client that it was written for is shut out, and nothing says so, since a policy that matches nobody is valid.
#
# Seen: `protects: {app: server}, lets in: {role: client}` without the label, and with it
# `protects: {app: server, name: ours}, lets in: {name: ours, role: client}`.
# What it means: where there are policies, write the labels into the manifests, or use `includeTemplates: true`, which leaves selectors alone.
# Needs Go.
set -euo pipefail
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"
cat >go.mod <<'MOD'
module labels

go 1.24

require (
	sigs.k8s.io/kustomize/api v0.20.1
	sigs.k8s.io/kustomize/kyaml v0.20.1
)
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"sort"
	"strings"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func words(value any) string {
	all := []string{}
	for key, each := range value.(map[string]any)["matchLabels"].(map[string]any) {
		all = append(all, fmt.Sprintf("%s: %v", key, each))
	}
	sort.Strings(all)
	return "{" + strings.Join(all, ", ") + "}"
}

func main() {
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), os.Args[1])
	if err != nil {
		panic(err)
	}
	policy, err := built.Resources()[0].Map()
	if err != nil {
		panic(err)
	}
	spec := policy["spec"].(map[string]any)
	from := spec["ingress"].([]any)[0].(map[string]any)["from"].([]any)[0].(map[string]any)
	fmt.Printf("protects: %s, lets in: %s\n", words(spec["podSelector"]), words(from["podSelector"]))
}
GO
for name in without with; do
  mkdir "$name"
  cat >"$name/policy.yaml" <<'YAML'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: server }
spec:
  podSelector:
    matchLabels: { app: server }
  ingress:
    - from:
        - podSelector:
            matchLabels: { role: client }
YAML
  printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [policy.yaml]\n' >"$name/kustomization.yaml"
done
printf 'labels:\n  - pairs: { name: ours }\n    includeSelectors: true\n' >>with/kustomization.yaml
PATH=$PATH:/usr/local/go/bin
go mod tidy >/dev/null 2>&1
go build -o labels .
WITHOUT=$(./labels without)
WITH=$(./labels with)
printf 'without: %s\nwith:    %s\n' "$WITHOUT" "$WITH"
[ "$WITHOUT" = 'protects: {app: server}, lets in: {role: client}' ]
[ "$WITH" = 'protects: {app: server, name: ours}, lets in: {name: ours, role: client}' ] || { echo 'not as the head says'; exit 1; }
