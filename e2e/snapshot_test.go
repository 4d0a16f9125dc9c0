package e2e_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/e2e"
	"github.com/data-guard/guard/e2e/cluster"
	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/source/snapshot"
)

// secret is in every object of the test that can hold one.
const secret = "hunter2-canary"

// TestSnapshot loads a cluster with 5,000 objects, takes a snapshot as a user who may not list all kinds, and wants guard
// to say of the file what it says of the cluster, byte for byte.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	c := start(t, cluster.Options{})
	setup, err := c.Clients(cluster.Setup)
	if err != nil {
		t.Fatal(err)
	}
	// Nothing may move between one reading and the next.
	if err := c.Controllers.Kill(); err != nil {
		t.Fatal(err)
	}
	objects := crowd(t)
	for _, wave := range objects {
		group, ctx := errgroup.WithContext(t.Context())
		group.SetLimit(16)
		for _, o := range wave {
			group.Go(func() error { return setup.Apply(ctx, o) })
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	if err := setup.Apply(t.Context(), rights(t)...); err != nil {
		t.Fatal(err)
	}
	binary := guard(t)
	ask := func(args ...string) (stdout, stderr string, code int) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), binary, args...)
		var out, problem bytes.Buffer
		cmd.Stdout, cmd.Stderr, cmd.Env = &out, &problem, append(os.Environ(), "KUBECONFIG="+c.Kubeconfig(cluster.Alice))
		if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return out.String(), problem.String(), cmd.ProcessState.ExitCode()
	}
	path := filepath.Join(t.TempDir(), "e2e.snapshot")
	out, notes, code := ask("snapshot", "-o", path)
	if code != 0 || !strings.Contains(notes, "note: list v1/PersistentVolume: persistentvolumes is forbidden") || !strings.Contains(notes, "note: list data-guard.dev/v1/NodeStatistics: ") {
		t.Fatal(code, out, notes)
	}
	t.Log(out, notes)
	for _, args := range [][]string{{"-A"}, {"-A", "-o", "json"}, {"-n", "shop-1", "-o", "json"}, {"-A", "-o", "json", "--unknown", "fail"}} {
		lived, liveNotes, liveCode := ask(append([]string{"eval", "--live"}, args...)...)
		kept, keptNotes, keptCode := ask(append([]string{"eval", "--snapshot", path}, args...)...)
		if diff := cmp.Diff([]string{lived, liveNotes}, []string{kept, keptNotes}); diff != "" || liveCode != keptCode {
			t.Errorf("%v: exit codes %d and %d (-live +snapshot)\n%s", args, liveCode, keptCode, diff)
		}
		if liveCode != 2 || len(lived) < 5000 || !strings.Contains(liveNotes, "persistentvolumes is forbidden") {
			t.Errorf("%v: exit code %d, %d bytes\n%s", args, liveCode, len(lived), liveNotes)
		}
		for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret))} {
			if strings.Contains(lived+kept, form) {
				t.Errorf("%v: the report has %s", args, form)
			}
		}
	}
	holds(t, path)
	whole := filepath.Join(t.TempDir(), "whole.snapshot")
	if out, notes, code := ask("snapshot", "-o", whole, "--all-kinds", "--kubeconfig", c.Kubeconfig(cluster.Admin)); code != 0 {
		t.Fatal(code, out, notes)
	}
	if s := holds(t, whole); len(s.Objects()) < 5000 {
		t.Errorf("the snapshot of everything holds %d objects", len(s.Objects()))
	}
}

// holds looks into the file for what must not be there.
func holds(t *testing.T, path string) *snapshot.Snapshot {
	t.Helper()
	s, err := snapshot.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, o := range s.Objects() {
		text.WriteString(o.Value.String())
	}
	for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), "last-applied-configuration", "managedFields"} {
		if strings.Contains(text.String(), form) {
			t.Errorf("%s holds %s", path, form)
		}
	}
	return s
}

// rights let alice list what guard's role lets one list, but for PersistentVolumes and ReplicaSets.
func rights(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	all, err := engine.Policies(nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := engine.Role(all)
	if err != nil {
		t.Fatal(err)
	}
	role := map[string]any{}
	if err := yaml.Unmarshal(text, &role); err != nil {
		t.Fatal(err)
	}
	for _, rule := range role["rules"].([]any) {
		var kept []any
		for _, resource := range rule.(map[string]any)["resources"].([]any) {
			if resource != "persistentvolumes" && resource != "replicasets" {
				kept = append(kept, resource)
			}
		}
		rule.(map[string]any)["resources"] = kept
	}
	binding := map[string]any{
		"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": map[string]any{"name": "alice"},
		"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "guard-eval-live"},
		"subjects": []any{map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": cluster.Alice}},
	}
	return []*unstructured.Unstructured{{Object: role}, {Object: binding}}
}

// crowd are 5,000 objects, in the order in which they can be made: 200 shops of a database each.
func crowd(t *testing.T) [][]*unstructured.Unstructured {
	t.Helper()
	const shops, claims, pods = 200, 9, 8
	var waves [3][]*unstructured.Unstructured
	add := func(wave int, format string, args ...any) {
		t.Helper()
		o := map[string]any{}
		if err := yaml.Unmarshal(fmt.Appendf(nil, format, args...), &o); err != nil {
			t.Fatal(err)
		}
		waves[wave] = append(waves[wave], &unstructured.Unstructured{Object: o})
	}
	all, err := engine.Policies(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, stub := range e2e.Stubs(policy.ForCluster(all), nil) {
		if kind, _, _ := unstructured.NestedString(stub.Object, "spec", "names", "kind"); kind == "ScaledObject" {
			waves[0] = append(waves[0], stub)
		}
	}
	add(0, `{apiVersion: v1, kind: Node, metadata: {name: node-1, labels: {kubernetes.io/hostname: node-1}}}`)
	for i := range shops {
		ns := fmt.Sprintf("shop-%d", i)
		add(0, `{apiVersion: v1, kind: Namespace, metadata: {name: %s, annotations: {note: %s, kubectl.kubernetes.io/last-applied-configuration: %[2]s}}}`, ns, secret)
		add(1, `{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: %s}}`, ns)
		add(1, `{apiVersion: v1, kind: Secret, metadata: {name: db, namespace: %s}, stringData: {password: %s}}`, ns, secret)
		add(1, `{apiVersion: v1, kind: ConfigMap, metadata: {name: db, namespace: %s}, data: {my.cnf: "password=%s"}}`, ns, secret)
		add(1, `{apiVersion: v1, kind: Secret, metadata: {name: sh.helm.release.v1.db.v1, namespace: %s, labels: {owner: helm}}, type: helm.sh/release.v1, stringData: {release: %s}}`, ns, secret)
		add(1, `{apiVersion: v1, kind: PersistentVolume, metadata: {name: %s, annotations: {note: %s}}, spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], persistentVolumeReclaimPolicy: Delete, csi: {driver: example.com, volumeHandle: %[1]s, volumeAttributes: {password: %[2]s}}}}`, ns, secret)
		for j := range claims {
			add(1, `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data-%d, namespace: %s}, spec: {accessModes: [ReadWriteOnce], storageClassName: none, volumeName: %[2]s, resources: {requests: {storage: 1Gi}}}}`, j, ns)
		}
		template := fmt.Sprintf(`{metadata: {labels: {app: db}, annotations: {note: %[1]s}}, spec: {containers: [{name: db, image: "mysql:8", args: ["--password=%[1]s", "--datadir=/var/lib/mysql"], env: [{name: MYSQL_ROOT_PASSWORD, value: %[1]s}],
			volumeMounts: [{name: data, mountPath: /var/lib/mysql}]}], volumes: [{name: data, persistentVolumeClaim: {claimName: data-0}}]}}`, secret)
		add(2, `{apiVersion: apps/v1, kind: Deployment, metadata: {name: db, namespace: %s}, spec: {replicas: 1, selector: {matchLabels: {app: db}}, template: %s}}`, ns, template)
		add(2, `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: %s}, spec: {serviceName: db, replicas: 1, selector: {matchLabels: {app: db}}, template: %s}}`, ns, template)
		for j := range pods {
			add(2, `{apiVersion: v1, kind: Pod, metadata: {name: db-%d, namespace: %s, labels: {app: db}}, spec: {nodeName: node-1, containers: [{name: db, image: "mysql:8", command: [sh, -c, "exec mysqld --password=%s"], volumeMounts: [{name: data, mountPath: /var/lib/mysql}]}], volumes: [{name: data, persistentVolumeClaim: {claimName: data-%[1]d}}]}}`, j, ns, secret)
		}
		add(2, `{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: db, namespace: %s, annotations: {kubectl.kubernetes.io/last-applied-configuration: %s}}, spec: {scaleTargetRef: {name: db}, triggers: [{type: mysql, metadata: {password: %[2]s, connectionString: %[2]s}}]}}`, ns, secret)
	}
	n := len(waves[0]) + len(waves[1]) + len(waves[2])
	if n < 5000 {
		t.Fatalf("%d objects", n)
	}
	t.Logf("%d objects", n)
	return waves[:]
}
