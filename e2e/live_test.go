package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apimeta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/data-guard/guard/e2e"
	"github.com/data-guard/guard/e2e/cluster"
	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/policytest"
)

// TestAuditIsEvalLive loads a cluster with what every policy's cases show, all together, and wants Gatekeeper's audit
// and guard eval --live to find the same in it.
func TestAuditIsEvalLive(t *testing.T) {
	t.Parallel()
	all, err := engine.Policies(nil)
	if err != nil {
		t.Fatal(err)
	}
	all = policy.ForCluster(all)
	c := newCourt(t, all)
	if n := c.load(t, all); n < 150 {
		t.Fatalf("the cluster holds %d objects of cases", n)
	}
	if err := e2e.Follow(t.Context(), c.cluster, root, "would be refused"); err != nil {
		t.Fatal(err)
	}
	await(t, "all constraints are enforced", func() error { return enforced(t, c.cluster) })
	audited, lived := c.audited(t, all), evalLive(t, c.cluster)
	if len(audited) < 30 {
		t.Errorf("audit found %d problems", len(audited))
	}
	if diff := cmp.Diff(lived, audited); diff != "" {
		t.Errorf("(-guard eval --live +audit)\n%s", diff)
	}
	t.Logf("audit and guard eval --live agree on %d findings", len(audited))
}

// load puts the objects of cases into one world; of several with one name, the first.
func (c *court) load(t *testing.T, all []*policy.Policy) (loaded int) {
	t.Helper()
	for _, p := range all {
		cases, err := p.ReadCases()
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range cases {
			if k.Files["e2e.yaml"] != "" {
				continue
			}
			q, err := policytest.Read(k, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range q.Review.World.Objects {
				// What Gatekeeper itself runs on stays as it is.
				if c.world.Has(o) || e2e.Going(o) || strings.HasSuffix(o.Group, ".gatekeeper.sh") || o.Group == "admissionregistration.k8s.io" {
					continue
				}
				// The API server may still refuse one, such as a second attachment with the name of a first.
				if _, err := c.world.Put(t.Context(), o); err == nil {
					loaded++
				}
			}
		}
	}
	c.settle(t)
	return loaded
}

func (c *court) settle(t *testing.T) {
	t.Helper()
	if err := c.world.Synced(t.Context(), c.alice, c.synced); err != nil {
		t.Fatal(err)
	}
}

// audited is what the constraints' statuses list, after an audit that began when all was there.
func (c *court) audited(t *testing.T, all []*policy.Policy) []string {
	t.Helper()
	began := time.Now().Unix()
	var found []string
	for _, p := range all {
		await(t, "audit has looked at "+p.ID, func() error {
			list, err := c.setup.Dynamic.Resource(constraints(p.Kind())).List(t.Context(), apimeta.ListOptions{})
			if err != nil {
				return err
			}
			for _, constraint := range list.Items {
				text, _, _ := unstructured.NestedString(constraint.Object, "status", "auditTimestamp")
				at, err := time.Parse(time.RFC3339, text)
				if err != nil || at.Unix() <= began {
					return fmt.Errorf("%s was audited at %q", constraint.GetName(), text)
				}
			}
			for _, constraint := range list.Items {
				found = append(found, listed(t, p, &constraint)...)
			}
			return nil
		})
	}
	slices.Sort(found)
	return found
}

func listed(t *testing.T, p *policy.Policy, constraint *unstructured.Unstructured) []string {
	t.Helper()
	total, _, _ := unstructured.NestedInt64(constraint.Object, "status", "totalViolations")
	violations, _, err := unstructured.NestedSlice(constraint.Object, "status", "violations")
	if err != nil || int(total) != len(violations) {
		t.Errorf("%s lists %d of %d violations: %v", constraint.GetName(), len(violations), total, err)
	}
	var found []string
	for _, violation := range violations {
		if v, ok := violation.(map[string]any); ok {
			found = append(found, strings.Join([]string{p.ID, text(v["kind"]), text(v["namespace"]), text(v["name"]), text(v["message"])}, " "))
		}
	}
	return found
}

func text(value any) string {
	s, _ := value.(string)
	return s
}

func evalLive(t *testing.T, c *cluster.Cluster) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), guard(t), "eval", "--live", "-A", "--kubeconfig", c.Kubeconfig(cluster.Admin), "-o", "json")
	var problem strings.Builder
	cmd.Stderr = &problem
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 {
		t.Fatalf("guard eval --live: %v, want exit code 1\n%s", err, problem.String())
	}
	var report struct {
		Findings []struct {
			Policy, Message string
			Object          struct{ Kind, Namespace, Name string }
		}
	}
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range report.Findings {
		found = append(found, strings.Join([]string{f.Policy, f.Object.Kind, f.Object.Namespace, f.Object.Name, e2e.Shortened(f.Message)}, " "))
	}
	slices.Sort(found)
	return found
}
