//go:build admission && linux

package policies_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/open-policy-agent/frameworks/constraint/pkg/client"
	regodriver "github.com/open-policy-agent/frameworks/constraint/pkg/client/drivers/rego"
	"github.com/open-policy-agent/frameworks/constraint/pkg/client/reviews"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/target"
	"golang.org/x/sys/unix"
	admissionv1 "k8s.io/api/admission/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	apimeta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/policytest"
)

const (
	// slowest is what a policy may take of a review, its constraints of all severities together.
	slowest = 100 * time.Millisecond
	// middle is the number of objects that slowest is meant for.
	smallest, middle = 1000, 10_000
	// negligible times say nothing about growth.
	negligible = 5 * time.Millisecond
	// noise is by how much a policy may seem to grow faster than its objects. Five to ten times as many leave the
	// processor's caches, and a scan sorts their names: a linear policy was seen at 1.6. One that is quadratic grows by
	// five to ten times more than its objects.
	noise = 3
	// enough reviews for a 99th percentile; budget ends the repetitions sooner.
	enough = 200
	budget = time.Second
)

// TestAdmissionCost measures what each policy costs at admission: its template and all constraints of the bundle in
// Gatekeeper's own engine, with 1,000, 10,000 and 50,000 objects in the inventory, in a world where the objects are
// spread over namespaces and servers and in one where all are in one place. The objects are copies of what the
// policy's own cases show, and the requests are those that its cases ask about, in every operation that it minds.
//
// Times are processor time of the thread that evaluates, so that other work on the machine does not count; garbage
// that other threads collect does not count either. Percentiles are over all requests, repeated. Growth compares
// the fastest of each request's repetitions, all requests together.
//
// A policy fails that takes more than 100 ms (p99) with 10,000 objects, that grows faster than the number of objects of
// the kinds that it reads, or that says nothing at all.
func TestAdmissionCost(t *testing.T) {
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "policy\tlayout\tobjects\tread\treviews\tfired\tp50 ms\tp99 ms\tmax ms\tgrowth\tof\t verdict")
	for _, p := range load(t) {
		for _, l := range []layout{spread, crowded} {
			t.Run(p.ID+"/"+string(l), func(t *testing.T) { cost(t, out, p, l) })
		}
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
}

func cost(t *testing.T, out *tabwriter.Writer, p *policy.Policy, l layout) {
	t.Helper()
	if p.AuditOnly != "" {
		fmt.Fprintf(out, "%s\t%s\t\t\t\t\t\t\t\t\t\t only audit asks\n", p.ID, l)
		return
	}
	b := newBench(t, p, l)
	var last *measured
	for _, size := range []int{smallest, middle, 50_000} {
		m := b.measure(t, size)
		growth, objects := m.growth(last)
		verdict := "ok"
		switch {
		case size == middle && m.percentile(99) > slowest:
			verdict = "too slow"
		case growth > noise*objects:
			verdict = "grows too fast"
		case size == smallest && m.fired == 0:
			verdict = "says nothing"
		}
		if verdict != "ok" {
			t.Errorf("%s with %d objects: %s", l, m.world.size, verdict)
		}
		fmt.Fprintf(out, "%s\t%s\t%d\t%d\t%d\t%d\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t %s\n", p.ID, l, m.world.size, m.read, len(m.all), m.fired,
			milliseconds(m.percentile(50)), milliseconds(m.percentile(99)), milliseconds(m.percentile(100)), growth, objects, verdict)
		last = m
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// request is one that the policy is sent, with the parameters of its case.
type request struct {
	admission  *admissionv1.AdmissionRequest
	parameters map[string]any
}

// bench is a policy in Gatekeeper's engine.
type bench struct {
	policy   *policy.Policy
	layout   layout
	client   *client.Client
	driver   *regodriver.Driver
	stories  []story
	requests []request
	// parameters are those of the constraints that the client has now.
	parameters string
}

func newBench(t *testing.T, p *policy.Policy, l layout) *bench {
	t.Helper()
	b := &bench{policy: p, layout: l}
	b.client, b.driver = gatekeeperEngine(t)
	if _, err := b.client.AddTemplate(t.Context(), templateOf(t, p)); err != nil {
		t.Fatal(err)
	}
	cases, err := p.ReadCases()
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(cases, func(a, b policy.Case) int { return cmp.Compare(b.Name[:4], a.Name[:4]) })
	for _, c := range cases {
		q, err := policytest.Read(c, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		objects := slices.Clone(q.Shown)
		if subject := q.Review.Subject(); subject.Name != "" {
			objects = append(objects, subject)
		}
		s := newStory(t, objects)
		b.stories = append(b.stories, s)
		b.ask(t, q, s, mark(len(b.stories)-1, 0))
	}
	return b
}

// ask adds the requests about a case's object, in each operation that the policy minds.
func (b *bench) ask(t *testing.T, q *policytest.Question, s story, n string) {
	t.Helper()
	subject := q.Review.Subject()
	after := s.copied(unstructuredOf(t, subject).Object, n, b.layout)
	before := s.copied(unstructuredOf(t, cmp.Or(q.Review.Old, subject)).Object, n, b.layout)
	before["metadata"].(map[string]any)["resourceVersion"] = "1"
	for _, need := range gatekeeper.Needs(b.policy) {
		if need.Kind != subject.Kind && need.Kind != "*" || need.Group != subject.Group && need.Group != "*" {
			continue
		}
		r := &admissionv1.AdmissionRequest{
			Kind:        apimeta.GroupVersionKind(schema.GroupVersionKind{Group: subject.Group, Version: subject.Version, Kind: subject.Kind}),
			Name:        (&unstructured.Unstructured{Object: after}).GetName(),
			Namespace:   (&unstructured.Unstructured{Object: after}).GetNamespace(),
			Operation:   admissionv1.Operation(need.Operation),
			SubResource: need.Subresource,
			UserInfo:    authenticationv1.UserInfo{Username: q.Review.User, Groups: q.Review.UserGroups},
		}
		if need.Operation != "DELETE" {
			r.Object.Raw = marshal(t, after)
		}
		if need.Operation != "CREATE" {
			r.OldObject.Raw = marshal(t, before)
		}
		b.requests = append(b.requests, request{r, q.Parameters})
	}
}

func marshal(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// constrain gives the client the bundle's constraints, with a case's parameters in each.
func (b *bench) constrain(t *testing.T, parameters map[string]any) {
	t.Helper()
	if text := string(marshal(t, parameters)) + "."; text != b.parameters {
		b.parameters = text
		for _, constraint := range gatekeeper.Constraints(b.policy) {
			given := map[string]any{"unknown": "deny"}
			maps.Copy(given, parameters)
			maps.Copy(given, constraint["spec"].(map[string]any)["parameters"].(map[string]any))
			constraint["spec"].(map[string]any)["parameters"] = given
			if _, err := b.client.AddConstraint(t.Context(), &unstructured.Unstructured{Object: normal(t, constraint).(map[string]any)}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// measure fills the driver's store at once, which is what adding object by object amounts to, and asks.
func (b *bench) measure(t *testing.T, size int) *measured {
	t.Helper()
	m := &measured{world: newTree(b.stories, b.layout, size), fastest: make([]time.Duration, len(b.requests))}
	for _, read := range b.policy.Reads {
		m.read += m.world.kinds[read]
	}
	for _, scope := range []string{"cluster", "namespace"} {
		part, ok := m.world.root[scope].(map[string]any)
		if !ok {
			part = map[string]any{}
		}
		if err := b.driver.AddData(t.Context(), (&target.K8sValidationTarget{}).GetName(), []string{scope}, part); err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for deadline := time.Now().Add(budget); len(m.all) < max(enough, len(b.requests)) && time.Now().Before(deadline); {
		i := len(m.all) % len(b.requests)
		b.constrain(t, b.requests[i].parameters)
		before := used(t)
		responses, err := b.client.Review(t.Context(), target.AugmentedReview{AdmissionRequest: b.requests[i].admission, IsAdmission: true}, reviews.EnforcementPoint("guard.test"))
		took := used(t) - before
		if err != nil {
			t.Fatal(err)
		}
		if len(responses.Results()) > 0 {
			m.fired++
		}
		m.all = append(m.all, took)
		if m.fastest[i] == 0 || took < m.fastest[i] {
			m.fastest[i] = took
		}
	}
	return m
}

// used is the processor time of the calling thread.
func used(t *testing.T) time.Duration {
	t.Helper()
	var spent unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &spent); err != nil {
		t.Fatal(err)
	}
	return time.Duration(spent.Nano())
}

// measured is what the requests took in one world.
type measured struct {
	world *tree
	// read counts the objects of the kinds that the policy reads.
	read int
	// fired counts the reviews that were answered with a violation.
	fired   int
	all     []time.Duration
	fastest []time.Duration
}

func (m *measured) percentile(p int) time.Duration {
	sorted := slices.Sorted(slices.Values(m.all))
	return sorted[(len(sorted)-1)*p/100]
}

// growth is by how much longer the requests take that were made in both worlds, each at its fastest and all together,
// and by how much there are more objects; 0 for requests that take next to nothing. One that grows too fast soon
// outweighs the others, while what disturbs a single measurement does not.
func (m *measured) growth(smaller *measured) (grown, objects float64) {
	if smaller == nil {
		return 0, 0
	}
	var now, before time.Duration
	both := 0
	for i, took := range m.fastest {
		if took > 0 && smaller.fastest[i] > 0 {
			now, before, both = now+took, before+smaller.fastest[i], both+1
		}
	}
	if both > 0 && now > time.Duration(both)*negligible {
		grown = float64(now) / float64(before)
	}
	return grown, float64(max(m.read, 1)) / float64(max(smaller.read, 1))
}
