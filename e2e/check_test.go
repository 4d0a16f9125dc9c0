package e2e_test

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apimeta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/data-guard/guard/e2e/cluster"
	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/policy"
)

// await asks until check says nothing, at most two minutes: the machine may be busy with other clusters.
func await(t *testing.T, what string, check func() error) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("wait until %s: %v", what, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func same(want, got string, err error) error {
	if diff := cmp.Diff(want, got); diff != "" {
		return errors.Join(err, fmt.Errorf("(-want +got)\n%s", diff))
	}
	return err
}

// enforced says which of the policies' constraints the pods of Gatekeeper do not enforce as they stand.
func enforced(t *testing.T, c *cluster.Cluster) error {
	t.Helper()
	all, err := engine.Policies(nil)
	if err != nil {
		return err
	}
	clients, err := c.Clients(cluster.Admin)
	if err != nil {
		return err
	}
	for _, p := range policy.ForCluster(all) {
		list, err := clients.Dynamic.Resource(constraints(p.Kind())).List(t.Context(), apimeta.ListOptions{})
		if err != nil {
			return fmt.Errorf("list %s: %w", p.Kind(), err)
		}
		if len(list.Items) != len(p.Severities) {
			return fmt.Errorf("%s has %d constraints, want %d", p.ID, len(list.Items), len(p.Severities))
		}
		for _, constraint := range list.Items {
			if err := isEnforced(&constraint); err != nil {
				return err
			}
		}
	}
	return nil
}

func isEnforced(constraint *unstructured.Unstructured) error {
	pods, _, err := unstructured.NestedSlice(constraint.Object, "status", "byPod")
	if err != nil || len(pods) == 0 {
		return fmt.Errorf("%s has no status of a pod: %w", constraint.GetName(), err)
	}
	for _, pod := range pods {
		status, _ := pod.(map[string]any)
		seen, _, _ := unstructured.NestedInt64(status, "observedGeneration")
		if status["enforced"] != true || seen != constraint.GetGeneration() {
			return fmt.Errorf("%s is not enforced in generation %d: %v", constraint.GetName(), constraint.GetGeneration(), status)
		}
	}
	return nil
}

func constraints(kind string) schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: "constraints.gatekeeper.sh", Version: "v1beta1", Resource: strings.ToLower(kind)}
}

// run runs a command in the repository's root and wants it to succeed.
func run(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}
