// Package eval asks every matching policy about every review: in parallel, with the same answer every time, and
// the answer that Gatekeeper gives.
package eval

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/review"
)

// exemptPrefix begins the annotation keys that switch a policy off on an object.
const exemptPrefix = "data-guard.dev/exempt."

// Violation is one answer of one policy.
type Violation struct {
	Constraint *Constraint
	Review     *review.Review
	Message    string
	Details    Details
	// Suppressed violations are there only when the object's exemption is taken away.
	Suppressed bool
}

// NotJudged is a question that was not answered, and why.
type NotJudged struct {
	Constraint *Constraint
	Review     *review.Review
	Reason     string
}

// Answers is what came of a run. Both lists follow the order of reviews, then of constraints.
type Answers struct {
	Violations []Violation
	NotJudged  []NotJudged
	// Asked holds the ids of policies that were asked at least one question.
	Asked map[string]bool
}

// Evaluator asks a fixed set of constraints. It can be used by several goroutines.
type Evaluator struct {
	constraints []*Constraint
	compiled    *compiled
	now         time.Time
}

// New compiles the policies of the constraints. now is what the policies' clock says.
func New(constraints []*Constraint, now time.Time) (*Evaluator, error) {
	c, err := compile(constraints)
	if err != nil {
		return nil, err
	}
	return &Evaluator{constraints: constraints, compiled: c, now: now}, nil
}

// Run asks every review of every constraint that wants it. An error means that nothing can be said at all.
func (e *Evaluator) Run(ctx context.Context, reviews []*review.Review) (*Answers, error) {
	worlds := map[*inventory.Inventory]*world{}
	byKind := map[groupKind][]*Constraint{}
	for _, r := range reviews {
		if k := kindOf(r); byKind[k] == nil {
			byKind[k] = e.about(r)
		}
		if worlds[r.World] == nil {
			w, err := e.compiled.world(ctx, r.World, e.now)
			if err != nil {
				return nil, err
			}
			worlds[r.World] = w
		}
	}
	answers := make([]Answers, len(reviews))
	var wg sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), len(reviews))
	for n := range workers {
		wg.Go(func() {
			for i := n; i < len(reviews); i += workers {
				answers[i] = e.ask(ctx, worlds[reviews[i].World], byKind[kindOf(reviews[i])], reviews[i])
			}
		})
	}
	wg.Wait()

	all := &Answers{Asked: map[string]bool{}}
	for _, a := range answers {
		all.Violations = append(all.Violations, a.Violations...)
		all.NotJudged = append(all.NotJudged, a.NotJudged...)
		for id := range a.Asked {
			all.Asked[id] = true
		}
	}
	return all, ctx.Err()
}

// Ask puts one review to one constraint, whatever the policy says it can be asked: admission does not choose
// either.
func (e *Evaluator) Ask(ctx context.Context, c *Constraint, r *review.Review) (*Answers, error) {
	w, err := e.compiled.world(ctx, r.World, e.now)
	if err != nil {
		return nil, err
	}
	answers := Answers{Asked: map[string]bool{}}
	e.askOne(ctx, w, c, newAsked(r), &answers)
	return &answers, nil
}

// groupKind is the key of the index from kinds to the constraints that are about them.
type groupKind struct{ group, kind string }

func kindOf(r *review.Review) groupKind {
	subject := r.Subject()
	return groupKind{subject.Group, subject.Kind}
}

// about lists the constraints that are about the review's kind; never nil.
func (e *Evaluator) about(r *review.Review) []*Constraint {
	about := []*Constraint{}
	for _, c := range e.constraints {
		if c.kind(r) {
			about = append(about, c)
		}
	}
	return about
}

func (e *Evaluator) ask(ctx context.Context, w *world, constraints []*Constraint, r *review.Review) Answers {
	answers := Answers{Asked: map[string]bool{}}
	var a *asked
	for _, c := range constraints {
		if !c.asked(r) || ctx.Err() != nil {
			continue
		}
		if a == nil {
			a = newAsked(r)
		}
		e.askOne(ctx, w, c, a, &answers)
	}
	return answers
}

// asked is a review on its way through the policies: its input, made once, and what they have found out about it.
type asked struct {
	review *review.Review
	input  *ast.Term
	cache  topdown.VirtualCache
}

func newAsked(r *review.Review) *asked {
	return &asked{r, ast.NewTerm(r.Input()), topdown.NewVirtualCache()}
}

func (e *Evaluator) askOne(ctx context.Context, w *world, c *Constraint, a *asked, answers *Answers) {
	r := a.review
	matches, err := c.matches(r)
	if err != nil {
		answers.NotJudged = append(answers.NotJudged, NotJudged{c, r, err.Error()})
		return
	}
	if !matches {
		return
	}
	answers.Asked[c.Policy.ID] = true
	said, err := e.query(ctx, w, c, a)
	if err != nil {
		answers.NotJudged = append(answers.NotJudged, NotJudged{c, r, err.Error()})
		return
	}
	if said, err = e.withUngranted(ctx, w, c, r, said); err != nil {
		answers.NotJudged = append(answers.NotJudged, NotJudged{c, r, err.Error()})
		return
	}
	for _, v := range said {
		answers.Violations = append(answers.Violations, v.of(c, r, false))
	}
	bare := withoutExemption(r, exemptPrefix+c.Policy.ID)
	if bare == nil || !c.Policy.Exemptible {
		return
	}
	unexempted, err := e.query(ctx, w, c, newAsked(bare))
	if err != nil {
		answers.NotJudged = append(answers.NotJudged, NotJudged{c, r, err.Error()})
		return
	}
	for _, v := range unexempted {
		if !told(said, v) {
			answers.Violations = append(answers.Violations, v.of(c, r, true))
		}
	}
}

func told(said []answer, a answer) bool {
	return slices.ContainsFunc(said, func(s answer) bool { return s.message == a.message })
}

// withUngranted adds what the policy says when the object's exemption is the one that it had before the change.
func (e *Evaluator) withUngranted(ctx context.Context, w *world, c *Constraint, r *review.Review, said []answer) ([]answer, error) {
	before := ungranted(r, exemptPrefix+c.Policy.ID)
	if before == nil || !c.Policy.Exemptible {
		return said, nil
	}
	stands, err := e.query(ctx, w, c, newAsked(before))
	if err != nil {
		return nil, err
	}
	for _, a := range stands {
		if !told(said, a) {
			a.details.Exemption = selfExempted
			said = append(said, a)
		}
	}
	return said, nil
}

// withoutExemption is the review as if nobody had written the annotation; nil when nobody has.
func withoutExemption(r *review.Review, key string) *review.Review {
	bare := *r
	found := false
	if r.Object != nil && r.Object.Annotations[key] != "" {
		bare.Object, found = r.Object.WithoutAnnotation(key), true
	}
	if r.Old != nil && r.Old.Annotations[key] != "" {
		bare.Old, found = r.Old.WithoutAnnotation(key), true
	}
	if !found {
		return nil
	}
	return &bare
}

// selfExempted is why an exemption does not hold that comes with the change that it is about.
const selfExempted = "a change does not exempt itself: before it, no such exemption held"

// ungranted is the review with the annotation as it was before the change; nil where it is the same or none was judged.
func ungranted(r *review.Review, key string) *review.Review {
	if r.Granted == nil || r.Object == nil || r.Object.Annotations[key] == "" || r.Object.Annotations[key] == r.Granted[key] {
		return nil
	}
	before := *r
	if text := r.Granted[key]; text == "" {
		before.Object = r.Object.WithoutAnnotation(key)
	} else {
		before.Object = r.Object.WithAnnotation(key, text)
	}
	return &before
}

// query evaluates data.<policy>.violation for one input, sorted by value.
func (e *Evaluator) query(ctx context.Context, w *world, c *Constraint, a *asked) ([]answer, error) {
	input := ast.NewObject(
		ast.Item(ast.InternedTerm("parameters"), c.parameters),
		ast.Item(ast.InternedTerm("review"), a.input),
	)
	var builtinErrors []topdown.Error
	q := topdown.NewQuery(e.compiled.queries[c.Policy.ID]).
		WithCompiler(e.compiled.compiler).
		WithStore(w.store).
		WithTransaction(w.transaction).
		WithInput(ast.NewTerm(input)).
		WithTime(e.now).
		WithVirtualCache(w.cache(a.cache)).
		WithBuiltinErrorList(&builtinErrors)
	var answers []answer
	err := q.Iter(ctx, func(result topdown.QueryResult) error {
		set, ok := result[resultVar].Value.(ast.Set)
		if !ok {
			return fmt.Errorf("violation is %s, not a set", ast.ValueName(result[resultVar].Value))
		}
		for _, term := range set.Slice() {
			a, err := newAnswer(term)
			if err != nil {
				return err
			}
			answers = append(answers, a)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	slices.SortFunc(answers, func(a, b answer) int { return cmp.Compare(a.message, b.message) })
	return answers, nil
}
