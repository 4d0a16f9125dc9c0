package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	apimeta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/data-guard/guard/e2e"
	"github.com/data-guard/guard/e2e/cluster"
	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/policytest"
)

// TestCases sends every case of every policy to a real API server with Gatekeeper behind it.
func TestCases(t *testing.T) {
	all, err := engine.Policies(nil)
	if err != nil {
		t.Fatal(err)
	}
	all = policy.ForCluster(all)
	table := e2e.NewTable()
	// Several clusters, so that some work while others wait for their audit.
	t.Run("shards", func(t *testing.T) {
		for shard, mine := range split(t, all, 4) {
			t.Run(fmt.Sprint(shard), func(t *testing.T) {
				t.Parallel()
				newCourt(t, all).try(t, mine, table)
			})
		}
	})
	if err := table.Print(os.Stdout); err != nil {
		t.Error(err)
	}
}

// split deals the policies out so that each part has about as many cases, and the long ones do not come last.
func split(t *testing.T, all []*policy.Policy, parts int) [][]*policy.Policy {
	t.Helper()
	cases := map[*policy.Policy]int{}
	for _, p := range all {
		read, err := p.ReadCases()
		if err != nil {
			t.Fatal(err)
		}
		cases[p] = len(read)
	}
	longest := slices.SortedStableFunc(slices.Values(all), func(a, b *policy.Policy) int { return cases[b] - cases[a] })
	dealt, load := make([][]*policy.Policy, parts), make([]int, parts)
	for _, p := range longest {
		least := slices.Index(load, slices.Min(load))
		dealt[least] = append(dealt[least], p)
		load[least] += cases[p]
	}
	return dealt
}

// court is a cluster in which one policy at a time is enforced.
type court struct {
	cluster *cluster.Cluster
	setup   *cluster.Clients
	alice   *cluster.Clients
	world   *e2e.World
	synced  []schema.GroupVersionKind
}

func newCourt(t *testing.T, all []*policy.Policy) *court {
	t.Helper()
	c := &court{cluster: start(t, cluster.Options{Verbatim: true, AuditEvery: time.Second}), synced: gatekeeper.Reads(all)}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	c.setup, err = c.cluster.Clients(cluster.Setup)
	must(err)
	c.alice, err = e2e.As(c.cluster, cluster.Alice, nil)
	must(err)
	var objects []*object.Object
	for _, p := range all {
		cases, err := p.ReadCases()
		must(err)
		for _, k := range cases {
			q, err := policytest.Read(k, time.Now())
			must(err)
			objects = append(objects, q.Review.World.Objects...)
			objects = append(objects, q.Review.Subject())
		}
	}
	must(c.setup.Apply(t.Context(), e2e.Stubs(all, objects)...))
	must(e2e.Follow(t.Context(), c.cluster, root, "Templates", "look up"))
	out, err := e2e.Shell(t.Context(), c.cluster, root, "kubectl apply --server-side -f bundle/gatekeeper/sync/optional")
	if err != nil {
		t.Fatal(err, out)
	}
	must(e2e.Follow(t.Context(), c.cluster, root, "Let the webhook"))
	must(e2e.Echo(t.Context(), c.cluster, c.setup))
	var base map[string]string
	await(t, "the inventory is whole", func() error {
		var err error
		base, err = e2e.Whole(t.Context(), c.alice, c.setup, c.synced)
		return err
	})
	c.world, err = e2e.NewWorld(c.cluster, base)
	must(err)
	return c
}

func (c *court) try(t *testing.T, policies []*policy.Policy, table *e2e.Table) {
	t.Helper()
	for _, p := range policies {
		t.Run(p.ID, func(t *testing.T) {
			cases, err := p.ReadCases()
			if err != nil {
				t.Fatal(err)
			}
			var parameters string
			for _, k := range ordered(cases) {
				t.Run(k.Name, func(t *testing.T) {
					q, err := policytest.Read(k, time.Now())
					if err != nil {
						t.Fatal(err)
					}
					if now := fmt.Sprint(e2e.Parameters(q)); now != parameters {
						c.enforce(t, p, q)
						parameters = now
					}
					tried := trial{court: c, policy: p, name: k.Name, question: q, row: table.Row(p.ID)}
					tried.run(t, k)
				})
			}
			c.release(t, p)
		})
	}
}

// ordered puts cases with the same parameters together: a constraint takes a moment to change.
func ordered(cases []policy.Case) []policy.Case {
	return slices.SortedStableFunc(slices.Values(cases), func(a, b policy.Case) int {
		return strings.Compare(a.Files["parameters.yaml"], b.Files["parameters.yaml"])
	})
}

func constraint(p *policy.Policy, spec map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "constraints.gatekeeper.sh/v1beta1", "kind": p.Kind(), "metadata": map[string]any{"name": "e2e"}, "spec": spec,
	}}
}

func (c *court) enforce(t *testing.T, p *policy.Policy, q *policytest.Question) {
	t.Helper()
	wanted := constraint(p, map[string]any{"enforcementAction": "deny", "match": p.MatchSource, "parameters": e2e.Parameters(q)})
	if err := c.setup.Apply(t.Context(), plain(t, wanted)); err != nil {
		t.Fatal(err)
	}
	await(t, "the constraint is enforced", func() error {
		got, err := c.constraint(t, p)
		return errors.Join(err, isEnforced(got))
	})
}

func (c *court) constraint(t *testing.T, p *policy.Policy) (*unstructured.Unstructured, error) {
	t.Helper()
	return c.setup.Dynamic.Resource(constraints(p.Kind())).Get(t.Context(), "e2e", apimeta.GetOptions{})
}

func (c *court) release(t *testing.T, p *policy.Policy) {
	t.Helper()
	if err := c.setup.Dynamic.Resource(constraints(p.Kind())).Delete(t.Context(), "e2e", apimeta.DeleteOptions{}); err != nil {
		t.Error(err)
	}
}

// plain passes the object through JSON, which leaves the types that clients copy.
func plain(t *testing.T, o *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	text, err := json.Marshal(o.Object)
	if err != nil {
		t.Fatal(err)
	}
	copied := &unstructured.Unstructured{}
	if err := copied.UnmarshalJSON(text); err != nil {
		t.Fatal(err)
	}
	return copied
}
