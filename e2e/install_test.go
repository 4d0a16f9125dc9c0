package e2e_test

import (
	"testing"
	"time"

	"github.com/data-guard/guard/e2e"
	"github.com/data-guard/guard/e2e/cluster"
)

const root = ".."

func start(t *testing.T, options cluster.Options) *cluster.Cluster {
	t.Helper()
	c, err := cluster.Start(t.Context(), ".", t.TempDir(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// TestOperatorsPage follows the page from top to bottom and back again.
func TestOperatorsPage(t *testing.T) {
	c := start(t, cluster.Options{AuditEvery: 2 * time.Second})
	t.Logf("etcd, kube-apiserver, kube-controller-manager and Gatekeeper were ready after %s", c.Started)
	if c.Started > 30*time.Second {
		t.Errorf("they took %s to start, more than 30 seconds", c.Started)
	}
	before, err := e2e.Shell(t.Context(), c, root, "kubectl get crds,constrainttemplates,syncsets,validatingwebhookconfigurations -o name")
	if err != nil {
		t.Fatal(before, err)
	}
	if err := e2e.Follow(t.Context(), c, root, "Templates", "look up", "would be refused", "Let the webhook", "Enforce"); err != nil {
		t.Fatal(err)
	}
	await(t, "all constraints are enforced", func() error { return enforced(t, c) })
	if err := e2e.Follow(t.Context(), c, root, "in the way", "Let the webhook", "Remove"); err != nil {
		t.Fatal(err)
	}
	await(t, "nothing is left behind", func() error {
		after, err := e2e.Shell(t.Context(), c, root, "kubectl get crds,constrainttemplates,syncsets,validatingwebhookconfigurations -o name")
		return same(before, after, err)
	})
}
