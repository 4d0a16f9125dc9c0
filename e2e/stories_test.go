package e2e_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/data-guard/guard/e2e"
	"github.com/data-guard/guard/e2e/cluster"
	"github.com/data-guard/guard/engine/gatekeeper"
)

// site is a cluster with the bundle installed as its page says, and everything that a controller manager does.
type site struct{ *cluster.Cluster }

// found is what stands in the cluster before anybody installs guard: namespaces with data, one of them owned by an
// object of a federation, and volumes of both reclaim policies.
const found = `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: old-nfs}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteMany]
  persistentVolumeReclaimPolicy: Recycle
  storageClassName: old
  nfs: {server: 192.0.2.10, path: /exports/old}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: devs}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: devs}]
`

func newSite(t *testing.T, overlay string) *site {
	t.Helper()
	s := &site{start(t, cluster.Options{AuditEvery: 2 * time.Second})}
	s.applies(t, found)
	if err := e2e.Follow(t.Context(), s.Cluster, root, "Templates", "look up", "would be refused", "Let the webhook", "Enforce"); err != nil {
		t.Fatal(err)
	}
	s.runs(t, "kubectl apply --server-side -k bundle/gatekeeper/overlays/"+overlay)
	await(t, "all constraints are enforced", func() error { return enforced(t, s.Cluster) })
	return s
}

// runs runs commands as the administrator and wants them to succeed.
func (s *site) runs(t *testing.T, commands string) string {
	t.Helper()
	out, err := e2e.Shell(t.Context(), s.Cluster, root, commands)
	if err != nil {
		t.Fatalf("%s: %v\n%s", commands, err, out)
	}
	return out
}

// as runs commands as alice, who may do anything that guard lets her.
func (s *site) as(t *testing.T, commands string) (string, error) {
	t.Helper()
	return e2e.Shell(t.Context(), s.Cluster, root, "export KUBECONFIG="+s.Kubeconfig(cluster.Alice)+"\n"+commands)
}

// denied wants guard to refuse what alice does, and to say so in these words.
func (s *site) denied(t *testing.T, commands string, words ...string) {
	t.Helper()
	out, err := s.as(t, commands)
	if err == nil || !strings.Contains(out, `admission webhook "validation.gatekeeper.sh" denied the request`) {
		t.Fatalf("%s: got %v, want a denial\n%s", commands, err, out)
	}
	for _, word := range words {
		if !strings.Contains(out, word) {
			t.Errorf("%s: the denial does not say %q:\n%s", commands, word, out)
		}
	}
}

// allowed wants what alice does to succeed.
func (s *site) allowed(t *testing.T, commands string) {
	t.Helper()
	if out, err := s.as(t, commands); err != nil {
		t.Fatalf("%s: %v\n%s", commands, err, out)
	}
}

func (s *site) applies(t *testing.T, manifests string) {
	t.Helper()
	file := t.TempDir() + "/manifests.yaml"
	if err := os.WriteFile(file, []byte(manifests), 0o600); err != nil {
		t.Fatal(err)
	}
	s.runs(t, "kubectl apply -f "+file)
}

// becomes waits until the command prints what is wanted.
func (s *site) becomes(t *testing.T, what, command, want string) {
	t.Helper()
	await(t, what, func() error {
		out, err := e2e.Shell(t.Context(), s.Cluster, root, command)
		if got := strings.TrimSpace(out); got != want {
			return fmt.Errorf("%s: got %q, want %q (%w)", command, got, want, err)
		}
		return nil
	})
}

// stays wants the command to go on printing the same for a while, in which controllers try again and again.
func (s *site) stays(t *testing.T, command, want string) {
	t.Helper()
	for range 8 {
		if got := strings.TrimSpace(s.runs(t, command)); got != want {
			t.Fatalf("%s: got %q, want %q", command, got, want)
		}
		time.Sleep(500 * time.Millisecond)
	}
}

// says waits until a server's log has a line with all of the words.
func (s *site) says(t *testing.T, p *cluster.Process, words ...string) {
	t.Helper()
	await(t, p.Name+" says "+strings.Join(words, " ... "), func() error {
		text, err := os.ReadFile(s.Path(p.Name + ".log"))
		if err != nil {
			return err
		}
	lines:
		for line := range strings.Lines(string(text)) {
			for _, word := range words {
				if !strings.Contains(line, word) {
					continue lines
				}
			}
			return nil
		}
		return fmt.Errorf("no line has all of %q", words)
	})
}

// claim is a bound claim with its volume.
func (s *site) claim(t *testing.T, namespace, name, reclaim string) {
	t.Helper()
	s.applies(t, fmt.Sprintf(`
apiVersion: v1
kind: PersistentVolume
metadata: {name: %[1]s-%[2]s}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: %[3]s
  storageClassName: test
  csi: {driver: storage.example.com, volumeHandle: %[1]s-%[2]s}
  claimRef: {namespace: %[1]s, name: %[2]s}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: %[2]s, namespace: %[1]s}
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: test
  volumeName: %[1]s-%[2]s
  resources: {requests: {storage: 1Gi}}
`, namespace, name, reclaim))
	s.becomes(t, "the claim is bound", fmt.Sprintf("kubectl -n %s get pvc %s -o jsonpath={.status.phase}", namespace, name), "Bound")
	await(t, "guard knows the claim and its volume", func() error {
		out, err := s.as(t, fmt.Sprintf("kubectl -n %s delete pvc %s --dry-run=server", namespace, name))
		if err == nil && reclaim != "Retain" || strings.Contains(out, "nobody showed") {
			return fmt.Errorf("it says %s (%w)", out, err)
		}
		return nil
	})
}

func in(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339) }

// before runs commands as the administrator as if guard were not installed yet.
func (s *site) before(t *testing.T, commands string) {
	t.Helper()
	patch := "kubectl patch validatingwebhookconfiguration " + gatekeeper.WebhookConfiguration + " --type=strategic -p "
	condition := func(more string) string {
		return `'{"webhooks": [{"name": "` + gatekeeper.Webhook + `", "matchConditions": [{"name": "before-guard", ` + more + `}]}]}'`
	}
	s.runs(t, patch+condition(`"expression": "request.userInfo.username != \"admin\""`))
	await(t, "it was there before guard", func() error {
		out, err := e2e.Shell(t.Context(), s.Cluster, root, commands)
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	})
	s.runs(t, patch+condition(`"$patch": "delete"`))
}
