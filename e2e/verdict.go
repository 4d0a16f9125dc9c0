package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/data-guard/guard/e2e/cluster"
	"github.com/data-guard/guard/engine/eval"
	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/policytest"
	"github.com/data-guard/guard/engine/review"
	"github.com/data-guard/guard/engine/source"
)

// Parameters of a case's constraint: doubt counts, unless the case says otherwise.
func Parameters(q *policytest.Question) map[string]any {
	parameters := map[string]any{"unknown": "deny"}
	maps.Copy(parameters, q.Parameters)
	return parameters
}

// Says is what guard's own engine says now about the review: the messages, sorted.
func Says(ctx context.Context, p *policy.Policy, q *policytest.Question, r *review.Review) ([]string, error) {
	constraint, err := eval.NewConstraint("e2e", p, p.Match, Parameters(q))
	if err != nil {
		return nil, err
	}
	evaluator, err := eval.New([]*eval.Constraint{constraint}, time.Now())
	if err != nil {
		return nil, err
	}
	answers, err := evaluator.Ask(ctx, constraint, r)
	if err != nil {
		return nil, err
	}
	for _, n := range answers.NotJudged {
		return nil, fmt.Errorf("not judged: %s", n.Reason)
	}
	var messages []string
	for _, v := range answers.Violations {
		if !v.Suppressed {
			messages = append(messages, v.Message)
		}
	}
	slices.Sort(messages)
	return messages, nil
}

// Served is a world of everything of the kinds that the cluster serves now, less what is being deleted: that is not in
// Gatekeeper's inventory either.
func Served(ctx context.Context, clients *cluster.Clients, kinds []schema.GroupVersionKind) (*inventory.Inventory, error) {
	var objects []*object.Object
	for _, kind := range kinds {
		items, err := clients.List(ctx, kind)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			if item.GetDeletionTimestamp() != nil {
				continue
			}
			o, err := Object(&item)
			if err != nil {
				return nil, err
			}
			objects = append(objects, o)
		}
	}
	return inventory.New(objects, ""), nil
}

// Object is what the API server served, as guard reads it.
func Object(u *unstructured.Unstructured) (*object.Object, error) {
	text, err := json.Marshal(u.Object)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", u.GetName(), err)
	}
	r := source.Text("live.yaml", text)
	if len(r.Problems) > 0 || len(r.Worlds) != 1 || len(r.Worlds[0].Objects) != 1 {
		return nil, fmt.Errorf("read %s %s: %v", u.GetKind(), u.GetName(), r.Problems)
	}
	return r.Worlds[0].Objects[0], nil
}
