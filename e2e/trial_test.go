package e2e_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/e2e"
	"github.com/data-guard/guard/e2e/cluster"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/policytest"
	"github.com/data-guard/guard/engine/review"
)

// trial is one case before the court.
type trial struct {
	*court
	policy   *policy.Policy
	name     string
	question *policytest.Question
	row      *e2e.Row
	limits   limits
}

// limits is a case's e2e.yaml: where a real API server cannot be asked, and why.
type limits struct {
	// Skip is why the case cannot be asked at all.
	Skip string `json:"skip,omitempty"`
	// Create is why a state question cannot be asked as a CREATE; audit is still asked.
	Create string `json:"create,omitempty"`
	// Refused is a part of the error with which the API server itself refuses the request.
	Refused string `json:"refused,omitempty"`
}

// column is what the case's own request counts as; a state question is asked as a CREATE and by audit.
func (c *trial) column() string {
	if c.question.Review.Operation == review.State {
		return "CREATE"
	}
	return string(c.question.Review.Operation)
}

func (c *trial) run(t *testing.T, k policy.Case) {
	if err := yaml.UnmarshalStrict([]byte(k.Files["e2e.yaml"]), &c.limits); err != nil {
		t.Fatal(err)
	}
	state := c.question.Review.Operation == review.State && c.question.Review.SubResource == ""
	if objects := append(slices.Clone(c.question.Shown), c.question.Review.Old, c.question.Review.Object); c.limits.Skip == "" && c.world.Own(t.Context(), objects...) {
		c.limits.Skip = "the test's own cluster runs on what the case is about"
	}
	if c.limits.Skip != "" {
		c.row.Skipped(c.column(), c.name, c.limits.Skip)
		if state {
			c.row.Skipped("audit", c.name, c.limits.Skip)
		}
		return
	}
	defer func() {
		if err := c.world.Clear(t.Context()); err != nil {
			t.Fatal(err)
		}
	}()
	for _, o := range c.question.Shown {
		c.put(t, o)
	}
	var old *unstructured.Unstructured
	if c.question.Review.Old != nil {
		old = c.put(t, c.question.Review.Old)
	}
	if err := c.world.PutNamespace(t.Context(), c.question.Review.Subject().Namespace); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	switch {
	case state && c.limits.Create != "":
		c.row.Skipped("CREATE", c.name, c.limits.Create)
	case state && e2e.Going(c.question.Review.Object):
		c.row.Skipped("CREATE", c.name, "nobody can create what is being deleted")
	case state && c.world.Has(c.question.Review.Object):
		c.row.Skipped("CREATE", c.name, "what is in a namespace is created after it")
	default:
		c.request(t, old)
	}
	if state {
		c.audit(t)
	}
}

func (c *trial) put(t *testing.T, o *object.Object) *unstructured.Unstructured {
	t.Helper()
	stored, err := c.world.Put(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

// request sends the case's request and compares what Gatekeeper says with what guard says about the same.
func (c *trial) request(t *testing.T, old *unstructured.Unstructured) {
	t.Helper()
	taken, said, err := e2e.Send(t.Context(), c.setup, c.question, "e2e")
	if refused, ok := errors.AsType[e2e.Refused](err); ok {
		if c.limits.Refused == "" || !strings.Contains(refused.Error(), c.limits.Refused) {
			t.Errorf("the API server itself refuses: %v", refused)
		}
		c.row.Skipped(c.column(), c.name, "the API server itself refuses: "+c.limits.Refused)
		return
	}
	if err != nil || len(said) > 0 {
		t.Fatalf("ask the API server alone: %v %v", said, err)
	}
	if c.limits.Refused != "" {
		t.Errorf("the API server does not refuse with %q", c.limits.Refused)
	}
	r := *c.question.Review
	user := c.alice
	if r.User == "" {
		// In a cluster somebody always asks.
		r.User = cluster.Alice
	} else {
		if user, err = e2e.As(c.cluster, r.User, r.UserGroups); err != nil {
			t.Fatal(err)
		}
	}
	_, denied, err := e2e.Send(t.Context(), user, c.question, "e2e")
	if err != nil {
		t.Fatal(err)
	}
	if r.Operation == review.State {
		r.Operation = review.Create
	}
	if taken != nil && r.SubResource != "eviction" {
		r.Object = c.object(t, taken)
	}
	if old != nil {
		r.Old = c.served(t, old)
	}
	c.compare(t, c.column(), &r, denied, func(s string) string { return s })
	deny, wanted := len(denied) > 0, len(c.question.Want) > 0
	switch {
	case c.column() == "CREATE" && e2e.HasPast(c.question.Review.Object):
		// A CREATE is no state: guard was asked about what is left of it.
	case deny != wanted:
		t.Errorf("a case named %s got %q", c.name, denied)
	}
}

// compare asks guard the same question in the world that the API server serves now.
func (c *trial) compare(t *testing.T, column string, r *review.Review, said []string, shorten func(string) string) {
	t.Helper()
	world, err := e2e.Served(t.Context(), c.setup, c.synced)
	if err != nil {
		t.Fatal(err)
	}
	r.World = world
	want, err := e2e.Says(t.Context(), c.policy, c.question, r)
	if err != nil {
		t.Fatal(err)
	}
	for i, message := range want {
		want[i] = shorten(message)
	}
	slices.Sort(want)
	diff := cmp.Diff(want, said, cmpopts.EquateEmpty())
	if diff != "" {
		t.Errorf("%s: (-guard +gatekeeper)\n%s", column, diff)
	}
	c.row.Asked(column, diff == "")
	var written []string
	for _, w := range c.question.Want {
		written = append(written, shorten(w.Message))
	}
	slices.Sort(written)
	if !slices.Equal(written, said) {
		c.row.Reworded()
		t.Logf("%s in other words:\n%s", column, cmp.Diff(written, said))
	}
}

// audit puts the object into the cluster and reads what Gatekeeper's audit finds about it.
func (c *trial) audit(t *testing.T) {
	t.Helper()
	stored := c.put(t, c.question.Review.Object)
	c.settle(t)
	found, err := e2e.Audited(t.Context(), c.setup, constraints(c.policy.Kind()), stored)
	if err != nil {
		t.Fatal(err)
	}
	r := *c.question.Review
	r.Object = c.served(t, stored)
	c.compare(t, "audit", &r, found, e2e.Shortened)
	if (len(found) > 0) != (len(c.question.Want) > 0) {
		t.Errorf("audit of a case named %s found %q", c.name, found)
	}
}

// served is a stored object as the API server serves it.
func (c *trial) served(t *testing.T, stored *unstructured.Unstructured) *object.Object {
	t.Helper()
	got, err := c.world.Get(t.Context(), stored)
	if err != nil {
		t.Fatal(err)
	}
	return c.object(t, got)
}

// object is what the API server said.
func (c *trial) object(t *testing.T, u *unstructured.Unstructured) *object.Object {
	t.Helper()
	o, err := e2e.Object(u)
	if err != nil {
		t.Fatal(err)
	}
	return o
}
