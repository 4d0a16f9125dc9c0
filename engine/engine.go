package engine

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/data-guard/guard/engine/eval"
	"github.com/data-guard/guard/engine/finding"
	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/review"
	"github.com/data-guard/guard/engine/source"
	"github.com/data-guard/guard/engine/source/cluster"
	"github.com/data-guard/guard/engine/source/discover"
	"github.com/data-guard/guard/engine/source/snapshot"
)

// Options says what to look at, and what to make of doubt. The zero value looks at nothing.
type Options struct {
	// Paths are files, folders, globs and "-".
	Paths []string
	// Stdin is what "-" reads.
	Stdin io.Reader
	// Kustomizations are folders that are built, Charts those that are rendered, beside what is found in Paths.
	Kustomizations, Charts []string
	// Sets says with which values a chart is rendered, by its folder; one for which it has none, and with nil all, are
	// rendered as Render says.
	Sets   func(chart string) []discover.Set
	Render discover.Set
	// Ignore says that a file or folder is not read when root, a folder above it, is, and why; without a reason it goes
	// without saying. nil reads all.
	Ignore func(root, name string, folder bool) (reason string, ignored bool)
	// AllowRemote lets kustomizations fetch remote bases.
	AllowRemote bool
	// Base is a file or folder with the state before the change, or a snapshot that guard has taken; Revision is a git
	// revision with it. "" and nil judge everything as it stands. One of them may be given.
	Base     string
	Revision *Revision
	// Policies are folders with policies, ConstraintTemplates and constraints beside guard's own.
	Policies []string
	// Include keeps only these policies, Exclude leaves these out; ids that do not exist are an error.
	Include, Exclude []string
	// Off are policies that are not asked, by id, with what says so (".guard.yaml:7"); the result names them, and one that
	// Include names is asked all the same.
	Off map[string]string
	// Severities are what all findings of a policy get, by its id, in place of their own.
	Severities map[string]policy.Severity
	// Parameters are those that a policy is asked with, by its id; its defaults are the rest.
	Parameters map[string]map[string]any
	// Namespace is where namespaced objects without namespace go, and of a cluster alone what is judged; "" is
	// "default", with a cluster the namespace of its context.
	Namespace string
	// Live is the cluster that Paths are to be applied to; without Paths, the cluster's own objects are judged, and Base
	// must be "". nil: none.
	Live *cluster.Config
	// Snapshot is a file or folder to take for the cluster instead of Live, which must be nil then: what guard snapshot or
	// kubectl get has written. Without Paths all that it holds is judged, or Namespace alone, at the moment at which it was
	// taken. "": none.
	Snapshot string
	// AllNamespaces judges the objects of a cluster in all namespaces.
	AllNamespaces bool
	// Unknown says what becomes of findings about a state that rest on what nobody showed.
	Unknown Doubt
	// All keeps findings that the base has already.
	All bool
	// AllowEmpty makes a run over no objects or with no policies no problem.
	AllowEmpty bool
	// Now is what the policies' clock says.
	Now time.Time
}

// Doubt says what becomes of a finding that rests on an object nobody showed.
type Doubt string

// The ways to treat doubt.
const (
	Report Doubt = "report"
	Fail   Doubt = "fail"
	Ignore Doubt = "ignore"
)

// Run looks at everything once and says what it found. An error means that the question itself was wrong (an
// unknown policy, a policy that does not load); what could not be read or judged is in Result.Problems.
func Run(ctx context.Context, o Options) (*finding.Result, error) {
	rules, err := loadRules(o)
	if err != nil {
		return nil, err
	}
	result := &finding.Result{}
	q, err := ask(ctx, result, rules, o)
	if err != nil {
		return nil, err
	}
	if o.change() {
		q.head = review.Granted(q.head, q.base)
	}
	constraints, err := rules.constraints(q.head)
	if err != nil {
		return nil, err
	}
	if q.now.IsZero() {
		q.now = o.Now
	}
	evaluator, err := eval.New(constraints, q.now)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(q.head, q.base)
	answers, err := evaluator.Run(ctx, all)
	if err != nil {
		return nil, err
	}
	rules.grade(answers.Violations)
	foreign, err := rules.foreign.Run(ctx, all)
	if err != nil {
		return nil, err
	}
	collect(result, o, answers, q, foreign)
	if o.change() {
		result.Verdict, result.Base = finding.Judge(result.Findings), o.baseName()
	}
	count(result, rules, q.head, answers, foreign, o)
	return result, nil
}

// questions are the reviews of head, transitions included, and the state questions of base that head's are compared
// with.
type questions struct {
	head, base []*review.Review
	// now is what the policies' clock says, where that is not the moment of the run.
	now time.Time
}

func ask(ctx context.Context, result *finding.Result, rules *rules, o Options) (*questions, error) {
	if snapshot.Is(o.Base) {
		return questionsSince(ctx, result, rules, o)
	}
	pairs := readPairs(result, o)
	if o.Live != nil || o.Snapshot != "" {
		return questionsLive(ctx, result, rules, pairs, o)
	}
	q, sides := ofPairs(pairs, func(w *source.World, _ bool) *review.Side { return side(result, inventory.Around{}, w, o) })
	if o.change() {
		q.head = append(q.head, review.Compare(sides)...)
	}
	return q, nil
}

// ofPairs asks the state questions of both sides, whose worlds build makes, and gives the sides to compare.
func ofPairs(pairs []worlds, build func(w *source.World, base bool) *review.Side) (*questions, []review.Pair) {
	q := &questions{}
	var sides []review.Pair
	for _, p := range pairs {
		var compared review.Pair
		if p.head != nil {
			compared.Head = build(p.head, false)
			q.head = append(q.head, review.States(compared.Head.World)...)
		}
		if p.base != nil {
			compared.Base = build(p.base, true)
			q.base = append(q.base, review.States(compared.Base.World)...)
		}
		sides = append(sides, compared)
	}
	return q, sides
}

// side builds the inventory of a world and tells what it finds wrong.
func side(result *finding.Result, around inventory.Around, w *source.World, o Options) *review.Side {
	around.Name = w.Label()
	inv := world(result, around, w.Objects, cmp.Or(w.Namespace, o.Namespace))
	return made(inv, w)
}

// releaseName is the annotation with which Helm marks what a release owns (helm v4 pkg/action/validate.go).
const releaseName = "meta.helm.sh/release-name"

// made tells of the objects of an inventory what is known of those that it was built of, in the same order.
func made(inv *inventory.Inventory, w *source.World) *review.Side {
	s := &review.Side{World: inv, Unstable: map[*object.Object][]string{}, Stable: map[*object.Object]string{}}
	if w.How == source.Chart {
		s.Left = map[*object.Object]bool{}
	}
	for i, stored := range inv.Objects {
		if s.Left != nil && stored.Annotations[releaseName] == "" {
			s.Left[stored] = true
		}
		if fields := w.Unstable[w.Objects[i]]; len(fields) > 0 {
			s.Unstable[stored] = fields
		}
		if name, ok := w.Stable[w.Objects[i]]; ok {
			s.Stable[stored] = name
		}
	}
	return s
}

// world builds the inventory and tells what it finds wrong.
func world(result *finding.Result, around inventory.Around, objects []*object.Object, namespace string) *inventory.Inventory {
	inv := inventory.Within(around, objects, namespace)
	result.Looked.Objects += len(inv.Objects)
	result.Looked.ScopeAssumed += inv.ScopeAssumed
	for _, same := range inv.Duplicates {
		result.Problems = append(result.Problems, duplicate(same))
	}
	return inv
}

func duplicate(same []*object.Object) finding.Problem {
	var places []string
	for _, o := range same[1:] {
		place := o.Origin.Start()
		places = append(places, fmt.Sprintf("%s:%d", place.File, place.Line))
	}
	return finding.Problem{
		Place:   same[0].Origin.Start(),
		Message: fmt.Sprintf("read objects: %s is defined again at %s; all are judged, others see the first", same[0], strings.Join(places, ", ")),
	}
}

// collect sorts what was answered into what counts, what is uncertain and what is exempted.
func collect(result *finding.Result, o Options, answers *eval.Answers, q *questions, foreign *eval.Answers) {
	var before, after []eval.Violation
	ofBase := map[*review.Review]bool{}
	for _, r := range q.base {
		ofBase[r] = true
	}
	for _, v := range slices.Concat(answers.Violations, foreign.Violations) {
		if ofBase[v.Review] {
			before = append(before, v)
		} else {
			after = append(after, v)
		}
	}
	findings := finding.From(after)
	if !o.All {
		findings = finding.Added(findings, finding.From(before), q.head)
	}
	for _, f := range finding.Superseded(findings) {
		switch {
		case f.Suppressed:
			result.Suppressed = append(result.Suppressed, f)
		case f.Uncertain() && o.Unknown == Ignore:
		case f.Uncertain() && o.Unknown != Fail:
			result.Uncertain = append(result.Uncertain, f)
		default:
			result.Findings = append(result.Findings, f)
		}
	}
	for _, n := range slices.Concat(answers.NotJudged, foreign.NotJudged) {
		subject := n.Review.Subject()
		result.Problems = append(result.Problems, finding.Problem{
			Place:   subject.Origin.Start(),
			Message: fmt.Sprintf("ask policy %s about %s: %s", n.Constraint.Policy.ID, subject, n.Reason),
		})
	}
}

func count(result *finding.Result, rules *rules, reviews []*review.Review, answers, foreign *eval.Answers, o Options) {
	l := &result.Looked
	l.Reviews = len(reviews)
	l.Policies = len(rules.policies) + rules.foreign.Len()
	l.Skipped = len(result.Skipped)
	for _, p := range rules.policies {
		if answers.Asked[p.ID] {
			l.Asked++
			continue
		}
		result.Unused = append(result.Unused, finding.Unused{Policy: p.ID, Reason: rules.unused(p, o)})
	}
	result.Unused = append(result.Unused, rules.off...)
	l.Asked += len(foreign.Asked)
	switch {
	case l.Objects > 0 || o.AllowEmpty:
	case !o.files() && l.Cluster != nil && len(result.Problems) > 0:
		// What could not be read may be all that there is.
	case !o.files() && l.Cluster != nil:
		result.Problems = append(result.Problems, finding.Problem{Message: empty(l.Cluster)})
	default:
		result.Problems = append(result.Problems, finding.Problem{Message: "look: no Kubernetes object was found in " + strings.Join(o.Paths, " ")})
	}
	if l.Policies == 0 && !o.AllowEmpty {
		result.Problems = append(result.Problems, finding.Problem{Message: "look: no policy is left to ask"})
	}
}
