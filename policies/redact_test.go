package policies_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/source/redact"
)

// TestPoliciesNeedNothingThatIsRedacted puts every case to its policy without what guard hides of a cluster's objects.
// Who writes a policy that reads more of an object makes engine/source/redact keep it, and says there why it is no secret.
func TestPoliciesNeedNothingThatIsRedacted(t *testing.T) {
	t.Parallel()
	everyCase(t, newAsker, func(t *testing.T, a *asker, c policy.Case) {
		q := ask(t, c, a.now)
		r := redact.New()
		var shown []*object.Object
		for _, o := range q.Review.World.Objects {
			shown = append(shown, redacted(t, r, o))
		}
		q.Review.World = inventory.New(shown, "")
		q.Review.Object, q.Review.Old = redacted(t, r, q.Review.Object), redacted(t, r, q.Review.Old)
		got := []wanted{}
		for _, v := range a.evaluate(t, q) {
			got = append(got, wanted{Message: v.Message, Field: v.Details.Field, Severity: string(v.Details.Severity), Unknown: v.Details.Unknown})
		}
		if diff := cmp.Diff(q.Want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s\n(-want +got without what is redacted)\n%s", c.Story, diff)
		}
	})
}

func redacted(t *testing.T, r *redact.Redactor, o *object.Object) *object.Object {
	t.Helper()
	if o == nil {
		return nil
	}
	plain, err := ast.JSON(o.Value)
	if err != nil {
		t.Fatal(err)
	}
	fields, ok := plain.(map[string]any)
	if !ok {
		t.Fatalf("%s is no mapping", o)
	}
	value, err := object.NewDecoder().FromJSON(r.Object(fields))
	if err != nil {
		t.Fatal(err)
	}
	bare, err := object.New(value, o.Origin)
	if err != nil {
		t.Fatal(err)
	}
	return bare
}
