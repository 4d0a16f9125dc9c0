package engine_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/finding"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/report"
	"github.com/data-guard/guard/engine/source/cluster"
	"github.com/data-guard/guard/engine/source/cluster/clustertest"
)

// kept is a snapshot of a cluster with the objects.
func kept(t *testing.T, s *clustertest.Server, o engine.SnapshotOptions) (path string) {
	t.Helper()
	server := s.Start()
	t.Cleanup(server.Close)
	kubeconfig, err := clustertest.Kubeconfig(t.TempDir(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	o.Live = cluster.Config{Kubeconfig: kubeconfig}
	snapshot, err := engine.TakeSnapshot(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "prod.snapshot")
	if err := snapshot.Write(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	return path
}

func documents(t *testing.T, text string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for document := range strings.SplitSeq(text, "---\n") {
		o := map[string]any{}
		if err := yaml.UnmarshalStrict([]byte(document), &o); err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
	return all
}

// texts are the reports of a run, as a person and as a program reads them.
func texts(t *testing.T, r *finding.Result) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.JSON(&out, r); err != nil {
		t.Fatal(err)
	}
	if err := report.Text(&out, r, true); err != nil {
		t.Fatal(err)
	}
	for _, p := range r.Problems {
		out.WriteString(p.String() + "\n")
	}
	return out.String()
}

func unpacked(t *testing.T, path string) string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader, err := zstd.NewReader(file)
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

// TestSecretsAreInNoSnapshotAndNoReport puts secrets into every place of a cluster that can hold one.
func TestSecretsAreInNoSnapshotAndNoReport(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("source/redact/testdata/canaries.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s := &clustertest.Server{Resources: clustertest.Builtin()}
	served := map[string]bool{}
	for _, r := range s.Resources {
		served[r.Group+"/"+r.Kind] = true
	}
	for _, o := range documents(t, string(text)) {
		group, version, named := strings.Cut(o["apiVersion"].(string), "/")
		if !named {
			group, version = "", group
		}
		kind := o["kind"].(string)
		if strings.HasSuffix(kind, "List") {
			continue
		}
		if !served[group+"/"+kind] {
			served[group+"/"+kind] = true
			s.Resources = append(s.Resources, clustertest.Resource{Group: group, Versions: []string{version}, Kind: kind, Name: strings.ToLower(kind) + "s", Namespaced: true})
		}
		s.Objects = append(s.Objects, o)
	}
	path := kept(t, s, engine.SnapshotOptions{AllKinds: true, Now: time.Now()})
	inside := unpacked(t, path)
	if n := strings.Count(inside, "\n"); n != len(s.Objects)+2 {
		t.Errorf("%d lines for %d objects", n, len(s.Objects))
	}
	held := map[string]string{"the snapshot": inside}
	dump := filepath.Join(t.TempDir(), "dump")
	if err := os.Mkdir(dump, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dump, "all.yaml"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	manifest := filepath.Join(t.TempDir(), "head.yaml")
	if err := os.WriteFile(manifest, []byte("{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: shop}, spec: {serviceName: db, replicas: 1, template: {spec: {containers: [{name: db, image: mysql}]}}}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]engine.Options{
		"a report of the snapshot":     {Snapshot: path},
		"a report of a dump":           {Snapshot: dump},
		"a report of manifests in it":  {Snapshot: path, Paths: []string{manifest}},
		"a report of manifests in one": {Snapshot: dump, Paths: []string{manifest}},
	} {
		o.Now, o.Unknown = time.Now(), engine.Fail
		r, err := engine.Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if o.Paths == nil && (len(r.Findings) < 2 || len(r.Problems) > 0) {
			t.Errorf("%s has %d findings, %v", name, len(r.Findings), r.Problems)
		}
		held[name] = texts(t, r)
	}
	for name, text := range held {
		for _, form := range []string{"hunter2", "canary", base64.StdEncoding.EncodeToString([]byte("hunter2-canary"))[:12], "127.0.0.1"} {
			if at := strings.Index(text, form); at >= 0 {
				t.Errorf("%q is in %s: %s", form, name, text[max(0, at-100):min(len(text), at+50)])
			}
		}
	}
}

func TestASnapshotIsJudgedAtItsMoment(t *testing.T) {
	t.Parallel()
	moment := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	volume := strings.ReplaceAll(liveVolume, "POLICY", "Recycle")
	exempt := strings.Replace(volume, "uid: v1, ", `uid: v1, annotations: {data-guard.dev/exempt.pv-reclaim-recycle: "until=2026-03-02; by=a; reason=b"}, `, 1)
	path := kept(t, &clustertest.Server{Resources: clustertest.Builtin(), Objects: documents(t, exempt)}, engine.SnapshotOptions{Now: moment})
	later := engine.Options{Snapshot: path, Include: []string{"pv-reclaim-recycle"}, Now: moment.AddDate(0, 0, 30)}
	r, err := engine.Run(t.Context(), later)
	if err != nil || len(r.Suppressed) != 1 || len(r.Findings) != 0 {
		t.Errorf("the exemption held when it was taken: %v %v", err, saying(r))
	}
	if text := texts(t, r); strings.Contains(text, "days ago") || strings.Contains(text, `"taken"`) {
		t.Error(text)
	}
	// As the world of manifests it is old, which is the first thing to say.
	manifest := filepath.Join(t.TempDir(), "pv.yaml")
	if err := os.WriteFile(manifest, []byte(exempt), 0o600); err != nil {
		t.Fatal(err)
	}
	later.Paths = []string{manifest}
	if r, err = engine.Run(t.Context(), later); err != nil || len(r.Findings) != 1 {
		t.Errorf("the exemption has ended: %v %v", err, saying(r))
	}
	var out bytes.Buffer
	if err := report.Text(&out, r, false); err != nil || !strings.HasPrefix(out.String(), "the snapshot of cluster e2e was taken 30 days ago (2026-03-01T00:00:00Z): ") {
		t.Error(err, out.String())
	}
	later.Now = moment.Add(24 * time.Hour)
	if r, err = engine.Run(t.Context(), later); err != nil {
		t.Fatal(err)
	}
	if text := texts(t, r); strings.Contains(text, "ago") || !strings.Contains(text, `"taken": "2026-03-01T00:00:00Z"`) {
		t.Error(text)
	}
}

func TestASnapshotHoldsWhatAnyPolicyMayAsk(t *testing.T) {
	t.Parallel()
	all, err := engine.Policies(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &clustertest.Server{Resources: clustertest.Builtin(), Objects: documents(t, liveClaim)}
	path := kept(t, s, engine.SnapshotOptions{Now: time.Now()})
	for _, unwanted := range []string{"/api/v1/secrets"} {
		for _, asked := range s.Requests() {
			if asked == unwanted {
				t.Errorf("%s was asked for", asked)
			}
		}
	}
	for _, p := range all {
		r, err := engine.Run(t.Context(), engine.Options{Snapshot: path, Include: []string{p.ID}, AllowEmpty: true, Now: time.Now()})
		if err != nil || len(r.Problems) > 0 {
			t.Errorf("%s: %v %v", p.ID, err, r.Problems)
		}
		if p.Asked(policy.AsksState) && r.Looked.Cluster.Kinds+r.Looked.Cluster.Absent == 0 {
			t.Errorf("%s looked at nothing", p.ID)
		}
	}
}

func TestNothingThatCouldBeReadIsAnError(t *testing.T) {
	t.Parallel()
	s := &clustertest.Server{Resources: clustertest.Builtin(), Status: map[string]int{}}
	for _, r := range s.Resources {
		s.Status[r.Name], s.Status["shop/"+r.Name] = 403, 403
	}
	server := s.Start()
	t.Cleanup(server.Close)
	kubeconfig, err := clustertest.Kubeconfig(t.TempDir(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	_, err = engine.TakeSnapshot(t.Context(), engine.SnapshotOptions{Live: cluster.Config{Kubeconfig: kubeconfig}})
	if err == nil || !strings.Contains(err.Error(), "nothing in it could be read") || !strings.Contains(err.Error(), "list v1/Pod: ") {
		t.Error(err)
	}
	if diff := cmp.Diff(0, strings.Count(err.Error(), "127.0.0.1")); diff != "" {
		t.Error(diff)
	}
}
