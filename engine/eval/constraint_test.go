package eval_test

import (
	"testing"

	"github.com/data-guard/guard/engine/eval"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/review"
)

// TestWants puts each request to the policies that ask for it, and to no other.
func TestWants(t *testing.T) {
	t.Parallel()
	o := world(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}").Objects[0]
	for asked, operation := range map[policy.Question]review.Operation{
		policy.AsksState: review.State, policy.AsksCreate: review.Create, policy.AsksUpdate: review.Update, policy.AsksDelete: review.Delete,
	} {
		p := *echoPolicy(t)
		p.Asks = []policy.Question{asked}
		c, err := eval.Default(&p)
		if err != nil {
			t.Fatal(err)
		}
		for _, sent := range []review.Operation{review.State, review.Create, review.Update, review.Delete, "CONNECT"} {
			if got := c.Wants(&review.Review{Operation: sent, Object: o, Old: o}); got != (sent == operation) {
				t.Errorf("a policy that asks %s wants %q: %t", asked, sent, got)
			}
		}
	}
}
