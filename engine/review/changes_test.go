package review_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/review"
)

func compare(t *testing.T, pairs ...review.Pair) []string {
	t.Helper()
	var got []string
	for _, r := range review.Compare(pairs) {
		said := r.String()
		if r.Operation == review.Update && r.Old.Name != r.Object.Name {
			said += " of " + r.Old.String()
		}
		if r.Counterpart != nil {
			said += " <-> " + r.Counterpart.String()
		}
		got = append(got, said)
	}
	return got
}

func side(t *testing.T, text string) *review.Side {
	t.Helper()
	return &review.Side{World: world(t, text)}
}

func expect(t *testing.T, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAWorldThatIsNewOrGoneIsAllCreatedOrDeleted(t *testing.T) {
	t.Parallel()
	text := "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"
	expect(t, []string{"CREATE ConfigMap default/a"}, compare(t, review.Pair{Head: side(t, text)}))
	expect(t, []string{"DELETE ConfigMap default/a"}, compare(t, review.Pair{Base: side(t, text)}))
	if got := compare(t, review.Pair{}); got != nil {
		t.Error(got)
	}
}

func TestAnObjectThatMovesToAnotherWorldIsTheSame(t *testing.T) {
	t.Parallel()
	same := "{apiVersion: v1, kind: ConfigMap, metadata: {name: same}}\n---\n"
	expect(t, []string{"UPDATE ConfigMap default/a"}, compare(t,
		review.Pair{Base: side(t, same+"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: old}}")},
		review.Pair{Head: side(t, same+"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: new}}")},
	))
	// What another world has as well is not what is gone from this one.
	expect(t, []string{"DELETE ConfigMap default/same"}, compare(t,
		review.Pair{Base: side(t, same)},
		review.Pair{Base: side(t, same), Head: side(t, same)},
	))
}

func TestHelmDeletesWhatAReleaseOwnsAndNothingElse(t *testing.T) {
	t.Parallel()
	of := func(text string, left bool) *review.Side {
		s := side(t, text)
		s.Left = map[*object.Object]bool{s.World.Objects[0]: left}
		return s
	}
	a, b := "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}"
	expect(t, []string{"CREATE ConfigMap default/b"}, compare(t, review.Pair{Base: of(a, true), Head: of(b, false)}))
	expect(t, []string{"DELETE ConfigMap default/a"}, compare(t, review.Pair{Base: of(a, false), Head: of(a, true)}))
	if got := compare(t, review.Pair{Base: of(a, true), Head: of(a, false)}); got != nil {
		t.Error(got)
	}
}

func TestWhatDiffersFromRenderToRenderIsNoChange(t *testing.T) {
	t.Parallel()
	text := `
{apiVersion: v1, kind: Secret, metadata: {name: password}, stringData: {a: RANDOM, b: KEPT}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: init-RANDOM}, spec: {ttl: 1}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: after-RANDOM}, spec: {ttl: 2}}
`
	of := func(random, kept string) *review.Side {
		s := side(t, strings.NewReplacer("RANDOM", random, "KEPT", kept).Replace(text))
		o := s.World.Objects
		s.Unstable = map[*object.Object][]string{o[0]: {"/stringData/a"}, o[1]: {"/metadata/name"}, o[2]: {"/metadata/name"}}
		return s
	}
	if got := compare(t, review.Pair{Base: of("x", "1"), Head: of("y", "1")}); got != nil {
		t.Error(got)
	}
	expect(t, []string{"UPDATE Secret default/password"}, compare(t, review.Pair{Base: of("x", "1"), Head: of("y", "2")}))
}

func TestANameThatHangsOnTheContentIsNoOtherObject(t *testing.T) {
	t.Parallel()
	of := func(name, value string) *review.Side {
		s := side(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: "+name+"}, data: {a: "+value+"}}")
		s.Stable = map[*object.Object]string{s.World.Objects[0]: "config"}
		return s
	}
	expect(t, []string{"UPDATE ConfigMap default/config-2 of ConfigMap default/config-1"},
		compare(t, review.Pair{Base: of("config-1", "x"), Head: of("config-2", "y")}))
}

func TestARenameIsShownAsAPair(t *testing.T) {
	t.Parallel()
	claim := func(name, size string) string {
		return "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: " + name + ", labels: {app: db}}, spec: {accessModes: [ReadWriteOnce], storageClassName: fast, resources: {requests: {storage: " + size + "}}}}\n---\n"
	}
	expect(t, []string{
		"CREATE PersistentVolumeClaim default/data-new <-> PersistentVolumeClaim default/data",
		"DELETE PersistentVolumeClaim default/data <-> PersistentVolumeClaim default/data-new",
	}, compare(t, review.Pair{Base: side(t, claim("data", "1Gi")), Head: side(t, claim("data-new", "1Gi"))}))
	// Two that are equally alike: nobody can tell which is which.
	expect(t, []string{
		"CREATE PersistentVolumeClaim default/b",
		"CREATE PersistentVolumeClaim default/c",
		"DELETE PersistentVolumeClaim default/a",
	}, compare(t, review.Pair{Base: side(t, claim("a", "1Gi")), Head: side(t, claim("b", "1Gi")+claim("c", "1Gi"))}))
	// One that is more alike than the other.
	expect(t, []string{
		"CREATE PersistentVolumeClaim default/b",
		"CREATE PersistentVolumeClaim default/c <-> PersistentVolumeClaim default/a",
		"DELETE PersistentVolumeClaim default/a <-> PersistentVolumeClaim default/c",
	}, compare(t, review.Pair{Base: side(t, claim("a", "1Gi")), Head: side(t, claim("b", "2Gi")+claim("c", "1Gi"))}))
	other := "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: z}, spec: {accessModes: [ReadWriteMany], storageClassName: slow, resources: {requests: {storage: 9Gi}}}}"
	expect(t, []string{"CREATE PersistentVolumeClaim default/z", "DELETE PersistentVolumeClaim default/a"},
		compare(t, review.Pair{Base: side(t, claim("a", "1Gi")), Head: side(t, other)}))
}
