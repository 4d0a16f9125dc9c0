package eval

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/open-policy-agent/frameworks/constraint/pkg/client"
	"github.com/open-policy-agent/frameworks/constraint/pkg/client/drivers/rego"
	"github.com/open-policy-agent/frameworks/constraint/pkg/client/reviews"
	"github.com/open-policy-agent/frameworks/constraint/pkg/types"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/target"

	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/review"
)

// Run asks every review of the templates, world by world. Nothing is asked when there are none.
func (f *Foreign) Run(ctx context.Context, questions []*review.Review) (*Answers, error) {
	answers := &Answers{Asked: map[string]bool{}}
	if len(f.templates) == 0 {
		return answers, nil
	}
	clients := map[*inventory.Inventory]*client.Client{}
	for _, r := range questions {
		c := clients[r.World]
		if c == nil {
			var err error
			if c, err = f.client(ctx, r.World); err != nil {
				return nil, err
			}
			clients[r.World] = c
		}
		request, err := admission(r)
		if err != nil {
			return nil, err
		}
		responses, err := c.Review(ctx, request, reviews.EnforcementPoint(enforcementPoint))
		if err != nil {
			answers.NotJudged = append(answers.NotJudged, NotJudged{&Constraint{Policy: &policy.Policy{ID: "foreign templates"}}, r, err.Error()})
			continue
		}
		results := responses.Results()
		slices.SortFunc(results, func(a, b *types.Result) int {
			return cmp.Or(cmp.Compare(a.Constraint.GetKind(), b.Constraint.GetKind()), cmp.Compare(a.Constraint.GetName(), b.Constraint.GetName()), cmp.Compare(a.Msg, b.Msg))
		})
		for _, result := range results {
			f.add(answers, result, r)
		}
	}
	for kind := range f.policies {
		answers.Asked[kind] = true
	}
	return answers, nil
}

func (f *Foreign) add(answers *Answers, result *types.Result, r *review.Review) {
	kind := result.Constraint.GetKind()
	if r.Operation != review.State && !f.transitions[kind] {
		return
	}
	c := &Constraint{Name: result.Constraint.GetName(), Policy: f.policies[kind]}
	details, judged := result.Metadata["details"]
	if !judged {
		answers.NotJudged = append(answers.NotJudged, NotJudged{c, r, result.Msg})
		return
	}
	answers.Violations = append(answers.Violations, Violation{
		Constraint: c, Review: r, Message: result.Msg, Details: Details{Severity: severity(result.EnforcementAction), Raw: details},
	})
}

func severity(action string) policy.Severity {
	switch action {
	case "deny", "scoped":
		return policy.High
	case "warn":
		return policy.Medium
	default:
		return policy.Info
	}
}

func (f *Foreign) client(ctx context.Context, world *inventory.Inventory) (*client.Client, error) {
	driver, err := rego.New()
	if err != nil {
		return nil, fmt.Errorf("start the constraint framework: %w", err)
	}
	c, err := client.NewClient(client.Targets(&target.K8sValidationTarget{}), client.Driver(driver), client.EnforcementPoints(enforcementPoint))
	if err != nil {
		return nil, fmt.Errorf("start the constraint framework: %w", err)
	}
	for _, o := range f.templates {
		t, err := convert(o)
		if err == nil {
			_, err = c.AddTemplate(ctx, t)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: load ConstraintTemplate %s: %w", o.Origin.Start(), o.Name, err)
		}
	}
	for _, o := range f.constraints {
		u, err := Unstructured(o)
		if err == nil {
			_, err = c.AddConstraint(ctx, u)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: load constraint %s: %w", o.Origin.Start(), o.Name, err)
		}
	}
	for _, o := range world.Objects {
		if o.Name == "" {
			continue
		}
		u, err := Unstructured(o)
		if err == nil {
			_, err = c.AddData(ctx, u)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: hand %s to the constraint framework: %w", o.Origin.Start(), o, err)
		}
	}
	return c, nil
}
