package review_test

import (
	"fmt"
	"testing"

	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/review"
)

func granted(t *testing.T, base, head string) []string {
	t.Helper()
	was, after := world(t, base), world(t, head)
	questions := append(review.States(after), review.Changes(was, after)...)
	return told(review.Granted(questions, review.States(was)))
}

func told(questions []*review.Review) []string {
	var got []string
	for _, r := range questions {
		if r.Granted == nil {
			got = append(got, r.String()+" says for itself")
		} else {
			got = append(got, fmt.Sprintf("%s had %v", r, r.Granted))
		}
	}
	return got
}

func TestExemptionsCountAsFarAsBaseHasThem(t *testing.T) {
	t.Parallel()
	expect(t, []string{
		"STATE ConfigMap default/same says for itself",
		"STATE ConfigMap default/changed had map[a:old]",
		"STATE ConfigMap default/bare had map[]",
		"STATE ConfigMap default/new had map[]",
		"UPDATE ConfigMap default/changed says for itself",
		"UPDATE ConfigMap default/bare says for itself",
		"CREATE ConfigMap default/new had map[]",
		"DELETE ConfigMap default/gone says for itself",
	}, granted(t, `
{apiVersion: v1, kind: ConfigMap, metadata: {name: same, annotations: {a: x}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: changed, annotations: {a: old}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: bare}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: gone}}
`, `
{apiVersion: v1, kind: ConfigMap, metadata: {name: same, annotations: {a: x}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: changed, annotations: {a: new}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: bare, annotations: {a: new}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: new, annotations: {a: new}}}
`))
}

func TestObjectsThatTheAPIServerNamesAreThoseWithThePrefix(t *testing.T) {
	t.Parallel()
	expect(t, []string{
		"STATE Job default/run-* had map[a:x b:z]",
		"STATE Job default/other-* had map[]",
		"CREATE Job default/run-* had map[a:x b:z]",
		"CREATE Job default/other-* had map[]",
	}, granted(t, `
{apiVersion: batch/v1, kind: Job, metadata: {generateName: run-, annotations: {a: x}}}
---
{apiVersion: batch/v1, kind: Job, metadata: {generateName: run-, annotations: {a: z, b: z}}}
---
{apiVersion: v1, kind: Job, metadata: {generateName: other-, annotations: {a: x}}}
`, `
{apiVersion: batch/v1, kind: Job, metadata: {generateName: run-, annotations: {a: new}}}
---
{apiVersion: batch/v1, kind: Job, metadata: {generateName: other-, annotations: {a: x}}}
`))
}

func TestOfBaseAndClusterBaseGrants(t *testing.T) {
	t.Parallel()
	cm := func(annotation string) string {
		return "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {a: " + annotation + "}}}"
	}
	base, head, live := world(t, cm("base")), world(t, cm("head")), world(t, cm("live"))
	stored := func(*object.Object) *object.Object { return live.Objects[0] }
	of := func(changes []*review.Review) []string {
		return told(review.Granted(append(review.States(head), review.Onto(changes, live, stored)...), nil))
	}
	update := "UPDATE ConfigMap default/a says for itself"
	expect(t, []string{"STATE ConfigMap default/a had map[a:base]", update, update}, of(review.Changes(base, head)))
	// What base does not have and the cluster does is no new object.
	expect(t, []string{"STATE ConfigMap default/a had map[a:live]", update}, of(review.Changes(inventory.New(nil, ""), head)))
}
