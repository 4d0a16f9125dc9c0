package kustomize_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/data-guard/guard/engine/source/kustomize"
)

// noGit puts a git first in PATH that fails and leaves a mark, and returns whether it was started.
func noGit(t *testing.T) func() bool {
	t.Helper()
	dir := t.TempDir()
	mark := filepath.Join(dir, "started")
	if err := os.WriteFile(filepath.Join(dir, "git"), []byte("#!/bin/sh\ntouch '"+mark+"'\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":/bin:/usr/bin")
	return func() bool {
		_, err := os.Stat(mark)
		return err == nil
	}
}

// server counts what it is asked for, and answers with a claim.
func server(t *testing.T) (string, *atomic.Int32) {
	t.Helper()
	asked := &atomic.Int32{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = w.Write([]byte(claim))
	}))
	t.Cleanup(s.Close)
	return s.URL, asked
}

func TestRemoteIsNotFetched(t *testing.T) {
	started := noGit(t)
	url, asked := server(t)
	for _, tt := range []struct{ name, kustomization string }{
		{"URL of a file", "resources:\n  - " + url + "/a.yaml"},
		{"URL in capitals", "resources:\n  - " + strings.Replace(url, "http", "HTTP", 1) + "/a.yaml"},
		{"repository", "resources:\n  - https://github.com/org/repo//base?ref=v1"},
		{"host without a scheme", "resources:\n  - github.com/org/repo/base"},
		{"host in capitals", "resources:\n  - GitHub.com/org/repo/base"},
		{"scp", "bases:\n  - git@example.com:org/repo.git"},
		{"ssh", "components:\n  - ssh://git@example.com/org/repo"},
		{"repository on disk", "resources:\n  - file:///srv/repo"},
		{"forced git", "resources:\n  - git::https://example.com/org/repo"},
		{"generator", "generators:\n  - " + url + "/a.yaml"},
		{"transformer", "transformers:\n  - github.com/org/repo"},
		{"validator", "validators:\n  - " + url + "/a.yaml"},
		{"custom resources", "crds:\n  - " + url + "/a.json"},
		{"configurations", "configurations:\n  - " + url + "/a.yaml"},
		{"schema", "openapi:\n  path: " + url + "/a.json"},
		{"patch", "patches:\n  - path: " + url + "/a.yaml"},
		{"JSON patch", "patchesJson6902:\n  - path: " + url + "/a.yaml\n    target: {kind: Service}"},
		{"merge patch", "patchesStrategicMerge:\n  - " + url + "/a.yaml"},
		{"replacement", "replacements:\n  - path: " + url + "/a.yaml"},
		{"file of a ConfigMap", "configMapGenerator:\n  - files: [key=" + url + "/a.yaml]"},
		{"environment of a ConfigMap", "configMapGenerator:\n  - envs: [" + url + "/a.yaml]"},
		{"old environment", "configMapGenerator:\n  - env: " + url + "/a.yaml"},
		{"file of a Secret", "secretGenerator:\n  - files: [" + url + "/a.yaml]"},
		{"file of an inline plugin", "generators:\n  - |-\n    apiVersion: builtin\n    kind: ConfigMapGenerator\n    metadata: {name: x}\n    FILES: [key=" + url + "/a]"},
		{"patch of an inline plugin", "transformers:\n  - |-\n    apiVersion: builtin\n    kind: PatchTransformer\n    metadata: {name: x}\n    path: " + url + "/a"},
		{"replacement of an inline plugin", "transformers:\n  - |-\n    apiVersion: builtin\n    kind: ReplacementTransformer\n    metadata: {name: x}\n    replacements: [{path: '" + url + "/a'}]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := tree(t, "-- k/kustomization.yaml --\nresources: [../b, a.yaml]\n-- k/a.yaml --\n"+claim+"-- b/kustomization.yaml --\nnamePrefix: a\n"+tt.kustomization+"\n")
			read := kustomize.Build(kustomize.Kustomization{Tree: files, Path: "k"})
			if said := words(read.Problems); !strings.HasPrefix(said, "b/kustomization.yaml:3:") || !strings.Contains(said, "is remote and not fetched without --allow-remote") || len(read.Problems) != 1 {
				t.Errorf("got %s", said)
			}
			if read.Objects() > 0 {
				t.Error("there are objects")
			}
		})
	}
	if started() || asked.Load() > 0 {
		t.Errorf("git started: %v, server asked %d times", started(), asked.Load())
	}
}

// TestPluginsAreNotMadeFromParts builds plugins with a kustomization that would give one a remote file.
func TestPluginsAreNotMadeFromParts(t *testing.T) {
	url, asked := server(t)
	plugin := "-- k/kustomization.yaml --\nresources: [a.yaml]\ntransformers: [../t]\n-- k/a.yaml --\n" + claim +
		"-- t/p.yaml --\napiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: p}\npatch: '{}'\n-- t/kustomization.yaml --\nresources: [p.yaml]\n"
	for _, change := range []string{
		"patches:\n  - target: {kind: PatchTransformer}\n    patch: |-\n      - {op: add, path: /path, value: '" + url + "/a'}\n",
		"replacements:\n  - source: {kind: PatchTransformer, fieldPath: metadata.name}\n    targets: []\n",
		"labels:\n  - pairs: {path: '" + url + "/a'}\n    fields: [{path: /, create: true}]\n",
		"vars:\n  - name: X\n    objref: {kind: PatchTransformer, name: p, apiVersion: builtin}\n",
	} {
		read := kustomize.Build(kustomize.Kustomization{Tree: tree(t, plugin+change), Path: "k"})
		if said := words(read.Problems); !strings.HasPrefix(said, "k/kustomization.yaml:2:16: build kustomization: t/kustomization.yaml does more than to list resources; ") {
			t.Errorf("got %q for %s", said, change)
		}
	}
	if read := kustomize.Build(kustomize.Kustomization{Tree: tree(t, plugin), Path: "k"}); len(read.Problems) > 0 || read.Objects() != 1 {
		t.Errorf("plugins that are only listed: got %v, %s", read.Worlds[0].Objects, words(read.Problems))
	}
	if asked.Load() > 0 {
		t.Error("the server was asked")
	}
}

func TestRemoteIsFetchedWhenAllowed(t *testing.T) {
	started := noGit(t)
	url, asked := server(t)
	files := tree(t, "-- k/kustomization.yaml --\nresources: ["+url+"/a.yaml]\nnamePrefix: far-\n-- g/kustomization.yaml --\nresources: ['github.com/org/repo?ref=v1']\n")
	read := kustomize.Build(kustomize.Kustomization{Tree: files, Path: "k", AllowRemote: true})
	if read.Objects() != 1 || read.Worlds[0].Objects[0].Name != "far-data" || asked.Load() != 1 {
		t.Errorf("got %v, %s", read.Worlds[0].Objects, words(read.Problems))
	}
	read = kustomize.Build(kustomize.Kustomization{Tree: files, Path: "g", AllowRemote: true})
	if said := words(read.Problems); !started() || len(read.Problems) != 1 || strings.Contains(said, "kustomize-") {
		t.Errorf("git started: %v; got %s", started(), said)
	}
}

// TestFileNamedLikeARepository is one that kustomize would ask git for when it does not parse.
func TestFileNamedLikeARepository(t *testing.T) {
	started := noGit(t)
	files := tree(t, "-- k/kustomization.yaml --\nresources: [github.com/org/repo]\n-- k/github.com/org/repo/kustomization.yaml --\nnamePrefix: a\n")
	read := kustomize.Build(kustomize.Kustomization{Tree: files, Path: "k"})
	if started() || !strings.Contains(words(read.Problems), "is remote") {
		t.Errorf("got %s", words(read.Problems))
	}
}
