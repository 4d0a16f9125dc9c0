// Package finding turns violations into what a person is told: with a place in a file, an identity that survives
// edits, and a severity.
package finding

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/data-guard/guard/engine/eval"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/review"
)

// Finding is one violation as it is reported.
type Finding struct {
	Policy   *policy.Policy
	Severity policy.Severity
	// Object is whom it is about; APIVersion completes its identity.
	Object     object.ID
	APIVersion string
	// Operation is empty for a state.
	Operation review.Operation
	// Field is an RFC 6901 pointer; "" is the whole object.
	Field   string
	Message string
	Place   object.Place
	// Fix is a JSON Patch, or nil.
	Fix json.RawMessage
	// Unknown names objects that nobody showed and that would have decided; the finding is a "may".
	Unknown []string
	// Related names other objects that the finding is about.
	Related []string
	// Exemption says why an exemption that someone wrote does not hold.
	Exemption string
	// Fingerprint is the same for the same problem of the same object, wherever it stands in whichever file.
	Fingerprint string
	// In are the worlds that it was found in, as a report calls them: sets of a chart's values, kustomizations. Empty where
	// the place tells.
	In []string
	// Counterpart is the object that takes the place of a deleted one, or whose place a new one takes; "" for none.
	Counterpart string
	// Suppressed findings are exempted: shown, not counted.
	Suppressed bool

	// field is Field with list indexes replaced by the names of the items.
	field string
	// unnamed objects get their name from the API server.
	unnamed bool
}

// Uncertain findings about a state rest on what nobody showed. A change is not given the benefit of the doubt:
// what it destroys does not come back.
func (f *Finding) Uncertain() bool { return len(f.Unknown) > 0 && f.Operation == review.State }

// From makes findings of violations, worst first, then by place: the same order for the same input. Two
// violations that say the same of one object are one finding.
func From(violations []eval.Violation) []Finding {
	findings := make([]Finding, 0, len(violations))
	for _, v := range violations {
		findings = append(findings, of(v))
	}
	slices.SortStableFunc(findings, compare)
	return merge(findings)
}

// merge makes one finding of those that say the same at one place, in whichever worlds.
func merge(findings []Finding) []Finding {
	type identity struct {
		fingerprint, message string
		operation            review.Operation
		suppressed           bool
		place                object.Place
	}
	at := map[identity]int{}
	merged := findings[:0]
	for _, f := range findings {
		id := identity{f.Fingerprint, f.Message, f.Operation, f.Suppressed, f.Place}
		i, known := at[id]
		if !known {
			at[id] = len(merged)
			merged = append(merged, f)
			continue
		}
		for _, in := range f.In {
			if !slices.Contains(merged[i].In, in) {
				merged[i].In = append(merged[i].In, in)
			}
		}
	}
	return merged
}

// Added keeps what the change brings: findings that base has neither at the same field of the same object nor, as
// the policies themselves have it on an UPDATE, had there in a form as bad or worse. What was exempted in base and is no
// longer is news, and so is what is newly exempted. What one world had is news in another one, unless the object moved:
// asked are the questions about head, which tell where its objects are.
func Added(head, base []Finding, asked []*review.Review) []Finding {
	type identity struct {
		policy     string
		object     object.ID
		field      string
		suppressed bool
		in         string
	}
	type place struct {
		object object.ID
		in     string
	}
	stays := map[place]bool{}
	for _, r := range asked {
		if r.Operation == review.State {
			stays[place{named(r.Subject()), r.In}] = true
		}
	}
	of := func(f Finding, in string) identity { return identity{f.Policy.ID, f.Object, f.field, f.Suppressed, in} }
	worst := map[identity]int{}
	for _, f := range base {
		for _, in := range f.worlds() {
			if !stays[place{f.Object, in}] {
				in = anywhere
			}
			if rank, known := worst[of(f, in)]; !known || f.Severity.Rank() < rank {
				worst[of(f, in)] = f.Severity.Rank()
			}
		}
	}
	return slices.DeleteFunc(head, func(f Finding) bool {
		return !slices.ContainsFunc(f.worlds(), func(in string) bool {
			for _, in := range []string{in, anywhere} {
				if rank, known := worst[of(f, in)]; known && rank <= f.Severity.Rank() {
					return false
				}
			}
			return true
		})
	})
}

// anywhere is no name of a world.
const anywhere = "\x00"

// worlds are those of the finding; "" for one that its place tells.
func (f *Finding) worlds() []string {
	if len(f.In) == 0 {
		return []string{""}
	}
	return f.In
}

// Superseded leaves out what says less than another finding about the same object in the same world, as that one's
// policy has it. One that does not count silences nothing that does: exempted ones leave out nothing, uncertain ones what
// is as uncertain. Of objects without a name nobody can tell which is which.
func Superseded(findings []Finding) []Finding {
	type identity struct {
		policy string
		object object.ID
		in     string
	}
	certain, uncertain := map[identity]bool{}, map[identity]bool{}
	for _, f := range findings {
		if f.Suppressed || f.unnamed {
			continue
		}
		for _, id := range f.Policy.Supersedes {
			for _, in := range f.worlds() {
				uncertain[identity{id, f.Object, in}] = true
				if !f.Uncertain() {
					certain[identity{id, f.Object, in}] = true
				}
			}
		}
	}
	return slices.DeleteFunc(findings, func(f Finding) bool {
		return !f.Suppressed && !f.unnamed && !slices.ContainsFunc(f.worlds(), func(in string) bool {
			said := identity{f.Policy.ID, f.Object, in}
			return !certain[said] && (!uncertain[said] || !f.Uncertain())
		})
	})
}

func of(v eval.Violation) Finding {
	subject := v.Review.Subject()
	f := Finding{
		Policy:     v.Constraint.Policy,
		Severity:   v.Details.Severity,
		Object:     named(subject),
		APIVersion: subject.APIVersion(),
		Operation:  v.Review.Operation,
		Field:      v.Details.Field,
		Message:    v.Message,
		Fix:        v.Details.Fix,
		Unknown:    v.Details.Unknown,
		Related:    v.Details.Related,
		Exemption:  v.Details.Exemption,
		Suppressed: v.Suppressed,
		unnamed:    subject.Name == "",
	}
	if v.Review.In != "" {
		f.In = []string{v.Review.In}
	}
	if v.Review.Counterpart != nil {
		f.Counterpart = v.Review.Counterpart.String()
	}
	f.Place = placeOf(subject, f.Field)
	f.field = stable(subject.Value, f.Field)
	f.Fingerprint = fingerprint(f)
	return f
}

// named is the identity of an object as a finding has it, also when it has no name yet.
func named(o *object.Object) object.ID {
	id := o.ID
	id.Name = o.DisplayName()
	return id
}

// placeOf is where the field stands; a finding about the whole object points at its name, which tells more than
// its first line.
func placeOf(o *object.Object, field string) object.Place {
	if o.Origin.Document == nil && o.Origin.Made == nil {
		place := o.Origin.Start()
		place.Missing = !o.Has(field)
		return place
	}
	if field != "" {
		return o.Origin.Locate(field)
	}
	if p := o.Origin.Locate("/metadata/name"); !p.Missing {
		return p
	}
	return o.Origin.Start()
}

func compare(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(a.Severity.Rank(), b.Severity.Rank()),
		cmp.Compare(a.Place.File, b.Place.File),
		cmp.Compare(a.Place.Line, b.Place.Line),
		cmp.Compare(a.Place.Column, b.Place.Column),
		cmp.Compare(a.Policy.ID, b.Policy.ID),
		cmp.Compare(a.Message, b.Message),
	)
}

// fingerprint leaves out the file, the line and the message, so that a moved block keeps its identity.
func fingerprint(f Finding) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{
		f.Policy.ID, f.Object.Group, f.Object.Kind, f.Object.Namespace, f.Object.Name, f.field, string(f.Severity),
	}, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// stable replaces list indexes by the name of the item, where it has one: a container keeps its identity when
// another is put before it.
func stable(value ast.Value, field string) string {
	steps := object.SplitPointer(field)
	for i, step := range steps {
		switch v := value.(type) {
		case ast.Object:
			value = nil
			if child := v.Get(ast.StringTerm(step)); child != nil {
				value = child.Value
			}
		case *ast.Array:
			value = nil
			if n, err := strconv.Atoi(step); err == nil && n >= 0 && n < v.Len() {
				value = v.Elem(n).Value
				if name := nameOf(value); name != "" {
					steps[i] = "name=" + name
				}
			}
		default:
		}
	}
	return strings.Join(steps, "/")
}

func nameOf(value ast.Value) string {
	item, ok := value.(ast.Object)
	if !ok {
		return ""
	}
	term := item.Get(ast.StringTerm("name"))
	if term == nil {
		if term = item.Get(ast.StringTerm("metadata")); term != nil {
			return nameOf(term.Value)
		}
		return ""
	}
	return object.Text(term)
}
