package snapshot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine/source/cluster"
	"github.com/data-guard/guard/engine/source/cluster/clustertest"
	"github.com/data-guard/guard/engine/source/snapshot"
)

const shop = `{apiVersion: v1, kind: Namespace, metadata: {name: shop, uid: n1}}
---
{apiVersion: v1, kind: PersistentVolume, metadata: {name: pv, uid: v1}, spec: {capacity: {storage: 1Gi}, claimRef: {namespace: shop, name: a}}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a, namespace: shop, uid: c1, annotations: {x: "<&>\u2028"}}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: b, namespace: shop, uid: c2, generation: 9007199254740993}}
`

// taken is a snapshot of a small cluster, in which Pods may not be listed.
func taken(t testing.TB) *snapshot.Snapshot {
	t.Helper()
	s := &clustertest.Server{Resources: clustertest.Builtin(), Status: map[string]int{"pods": 403}}
	for document := range strings.SplitSeq(shop, "---\n") {
		o := map[string]any{}
		if err := yaml.UnmarshalStrict([]byte(document), &o); err != nil {
			t.Fatal(err)
		}
		s.Objects = append(s.Objects, o)
	}
	server := s.Start()
	t.Cleanup(server.Close)
	kubeconfig, err := clustertest.Kubeconfig(t.TempDir(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c, err := cluster.Open(t.Context(), cluster.Config{Kubeconfig: kubeconfig})
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Record(t.Context(), []cluster.Want{
		{Kind: "Namespace", Judge: []string{"a"}},
		{Kind: "PersistentVolume", Judge: []string{"a"}},
		{Kind: "PersistentVolumeClaim", Judge: []string{"a"}},
		{Kind: "Pod", Judge: []string{"a"}},
		{Group: "a.example.com", Kind: "A", Judge: []string{"a"}},
	}, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	return &snapshot.Snapshot{Record: r, Taken: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Guard: "v0"}
}

func written(t testing.TB, s *snapshot.Snapshot) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "prod.snapshot")
	if err := s.Write(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	return path
}

// content is everything in a snapshot, as text.
func content(s *snapshot.Snapshot) string {
	var text strings.Builder
	fmt.Fprintln(&text, s.Taken, s.Guard, s.Context, s.Namespace, s.Only, s.Failed, s.Absent)
	for _, k := range s.Kinds {
		fmt.Fprintln(&text, k, k.Namespaced, k.Preferred, k.Listing != nil)
		if k.Listing != nil {
			fmt.Fprintln(&text, k.Listing.Namespace, k.Listing.Gap)
			for _, o := range k.Listing.Objects {
				fmt.Fprintln(&text, o, o.Value)
			}
		}
	}
	return text.String()
}

func TestAFileHoldsWhatWasRecorded(t *testing.T) {
	t.Parallel()
	s := taken(t)
	path := written(t, s)
	got, err := snapshot.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(content(s), content(got)); diff != "" {
		t.Error(diff)
	}
	if n := len(got.Objects()); n != 4 || !cmp.Equal(got.Absent, []string{"a.example.com/A"}) {
		t.Errorf("%d objects, absent %v", n, got.Absent)
	}
	// The same snapshot makes the same bytes, and a general tool can unpack them.
	first, again := read(t, path), read(t, written(t, s))
	if !bytes.Equal(first, again) {
		t.Error("two writings of one snapshot differ")
	}
	if text := unpacked(t, first); strings.Count(text, "\n") != 6 || !strings.Contains(text, `"x":"hmac:`) || strings.Contains(text, "127.0.0.1") {
		t.Error(text)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	alone(t, path)
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func unpacked(t *testing.T, file []byte) string {
	t.Helper()
	reader, err := zstd.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	text, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// alone says that nothing but these stands in the folder.
func alone(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 || entries[0].Name() != filepath.Base(path) {
		t.Errorf("%v %v", entries, err)
	}
}

func refused(t *testing.T, what string, file []byte, want string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := snapshot.Read(path); err == nil || s != nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("%s: want %q, got %v", what, want, err)
	}
}

func TestATornFileIsRefused(t *testing.T) {
	t.Parallel()
	whole := read(t, written(t, taken(t)))
	path := filepath.Join(t.TempDir(), "a")
	try := func(what string, file []byte) {
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := snapshot.Read(path); err == nil || s != nil {
			t.Fatalf("%s was read", what)
		}
	}
	for length := range whole {
		try(fmt.Sprintf("the first %d of %d bytes", length, len(whole)), whole[:length])
	}
	for bit := range 8 * len(whole) {
		flipped := bytes.Clone(whole)
		flipped[bit/8] ^= 1 << (bit % 8)
		try(fmt.Sprintf("a file with bit %d flipped", bit), flipped)
	}
	refused(t, "a byte too many", append(bytes.Clone(whole), 0), "torn")
	refused(t, "two files in one", append(bytes.Clone(whole), whole...), "")
	refused(t, "a cut file", whole[:len(whole)-1], "torn")
}

func TestAForeignFileIsRefused(t *testing.T) {
	t.Parallel()
	refused(t, "nothing", nil, "no snapshot of guard")
	refused(t, "YAML", []byte("apiVersion: v1\n"), "no snapshot of guard")
	refused(t, "Zstandard", packed(t, "hello\n"), "no snapshot of guard")
	later := bytes.Replace(read(t, written(t, taken(t))), []byte("guard-snapshot 1\n"), []byte("guard-snapshot 7\n"), 1)
	refused(t, "a later version", later, `format version "7"; this guard reads version 1`)
	if _, err := snapshot.Read(filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Error(err)
	}
	if _, err := snapshot.Read(t.TempDir()); err == nil {
		t.Error("a folder was read")
	}
}

func TestNothingIsLeftOfAWritingThatFails(t *testing.T) {
	t.Parallel()
	s, dir := taken(t), t.TempDir()
	path := filepath.Join(dir, "prod.snapshot")
	if err := os.WriteFile(path, []byte("as it was"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Write(ctx, path); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	alone(t, path)
	if got := string(read(t, path)); got != "as it was" {
		t.Error(got)
	}
	if err := s.Write(t.Context(), filepath.Join(dir, "no", "folder")); err == nil || !strings.Contains(err.Error(), "write snapshot") {
		t.Error(err)
	}
	// A name that is taken by a folder: all was written, and cannot get its name.
	folder := filepath.Join(dir, "folder", "prod.snapshot")
	if err := os.MkdirAll(filepath.Join(folder, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), folder); err == nil {
		t.Error("a folder was replaced")
	}
	alone(t, folder)
}
