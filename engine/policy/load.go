package policy

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// oldestOPA is the OPA inside the oldest supported Gatekeeper, 3.21: what it does not know may not be used.
const oldestOPA = "v1.10.0"

var folderForm = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// Problem is what is wrong with a policy, and where.
//
//nolint:errname // the field's word: it is collected, not thrown
type Problem struct {
	File    string
	Line    int
	Message string
}

// Error is "file:line: message".
func (p *Problem) Error() string { return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message) }

// loader collects what is wrong while it reads.
type loader struct {
	fsys         fs.FS
	capabilities *ast.Capabilities
	problems     []*Problem
}

func (l *loader) failf(file string, line int, format string, args ...any) {
	l.problems = append(l.problems, &Problem{file, max(line, 1), fmt.Sprintf(format, args...)})
}

// failOPA reports each of the parser's or compiler's errors at its place.
func (l *loader) failOPA(file string, err error) {
	var errs ast.Errors
	if !errors.As(err, &errs) {
		l.failf(file, 1, "parse Rego: %v", err)
		return
	}
	for _, e := range errs {
		line := 1
		if e.Location != nil {
			line, file = e.Location.Row, cmp.Or(e.Location.File, file)
		}
		l.failf(file, line, "parse Rego: %s", e.Message)
	}
}

// Load reads every policy and library of fsys: folders <category>/<id>/ with a policy.rego, and lib/<name>/<name>.rego.
// Libraries of more are used as well where fsys has none of that name. The policies come sorted by id; the error joins
// a *Problem for everything that is wrong, and then there are no policies.
func Load(fsys fs.FS, more ...*Library) ([]*Policy, []*Library, error) {
	capabilities, err := ast.LoadCapabilitiesVersion(oldestOPA)
	if err != nil {
		return nil, nil, fmt.Errorf("load capabilities of OPA %s: %w", oldestOPA, err)
	}
	l := &loader{fsys: fsys, capabilities: capabilities}
	var policies []*Policy
	var libraries []*Library
	err = fs.WalkDir(fsys, ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("read policies: %w", err)
		case entry.IsDir() || path.Ext(file) != ".rego" || strings.HasSuffix(file, "_test.rego"):
		case path.Base(file) == "policy.rego":
			policies = append(policies, l.readPolicy(file))
		case path.Base(path.Dir(path.Dir(file))) == "lib":
			libraries = append(libraries, l.readLibrary(file))
		default:
			l.failf(file, 1, "read policies: neither policy.rego nor lib/<name>/<name>.rego")
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	libraries = l.merge(libraries, more)
	for _, p := range policies {
		l.checkPolicy(p, libraries)
	}
	for _, lib := range libraries {
		l.checkReferences(lib.File, lib.Module, libraries)
	}
	slices.SortFunc(policies, func(a, b *Policy) int { return cmp.Compare(a.ID, b.ID) })
	for i := 1; i < len(policies); i++ {
		if policies[i].ID == policies[i-1].ID {
			l.failf(policies[i].File, 1, "read policies: id %s is taken by %s", policies[i].ID, policies[i-1].File)
		}
	}
	l.checkSuperseded(policies)
	if err := l.err(); err != nil {
		return nil, nil, err
	}
	return policies, libraries, nil
}

// checkSuperseded wants no policy to silence itself by way of others: of such a circle nobody would speak.
func (l *loader) checkSuperseded(policies []*Policy) {
	byID := map[string]*Policy{}
	for _, p := range policies {
		byID[p.ID] = p
	}
	for _, p := range policies {
		reached := slices.Clone(p.Supersedes)
		for i := 0; i < len(reached); i++ {
			if q := byID[reached[i]]; q != nil {
				for _, id := range q.Supersedes {
					if !slices.Contains(reached, id) {
						reached = append(reached, id)
					}
				}
			}
		}
		if slices.Contains(reached, p.ID) && !slices.Contains(p.Supersedes, p.ID) {
			l.failf(p.File, 1, "read METADATA: supersedes: %s would silence itself by way of %s", p.ID, strings.Join(p.Supersedes, ", "))
		}
	}
}

func (l *loader) err() error {
	slices.SortFunc(l.problems, func(a, b *Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message, b.Message))
	})
	var errs []error
	for _, p := range slices.CompactFunc(l.problems, func(a, b *Problem) bool { return *a == *b }) {
		errs = append(errs, p)
	}
	return errors.Join(errs...)
}

// merge lets a folder bring its own libraries beside guard's, never in their place.
func (l *loader) merge(own, more []*Library) []*Library {
	for _, lib := range more {
		if i := slices.IndexFunc(own, func(o *Library) bool { return o.Name == lib.Name }); i >= 0 {
			l.failf(own[i].File, 1, "read policies: library %s is guard's own; give yours another name", lib.Name)
			continue
		}
		own = append(own, lib)
	}
	slices.SortFunc(own, func(a, b *Library) int { return cmp.Compare(a.Name, b.Name) })
	return own
}

func (l *loader) readPolicy(file string) *Policy {
	folder := path.Dir(file)
	name := path.Base(folder)
	p := &Policy{
		ID:       strings.ReplaceAll(name, "_", "-"),
		Category: path.Base(path.Dir(folder)),
		File:     file,
	}
	if !folderForm.MatchString(name) || len(name) > 50 {
		l.failf(file, 1, "read policy: folder %q: want snake case of at most 50 characters", name)
	}
	p.Source, p.Module = l.parse(file)
	if p.Module == nil {
		return p
	}
	if got := p.Module.Package.Path.String(); got != "data."+name {
		l.failf(file, p.Module.Package.Location.Row, "read policy: package %s in folder %s: they must be the same", strings.TrimPrefix(got, "data."), name)
	}
	l.readMetadata(p)
	if cases, err := fs.Sub(l.fsys, path.Join(folder, "cases")); err == nil {
		if info, err := fs.Stat(l.fsys, path.Join(folder, "cases")); err == nil && info.IsDir() {
			p.Cases = cases
		}
	}
	return p
}

func (l *loader) readLibrary(file string) *Library {
	name := path.Base(path.Dir(file))
	lib := &Library{Name: name, File: file}
	lib.Source, lib.Module = l.parse(file)
	if slices.Contains([]string{"data", "input", "inventory"}, name) {
		l.failf(file, 1, "read library: Gatekeeper refuses the name %s", name)
	}
	if lib.Module == nil {
		return lib
	}
	if got := lib.Module.Package.Path.String(); got != "data.lib."+name || path.Base(file) != name+".rego" {
		l.failf(file, lib.Module.Package.Location.Row, "read library: %s holds package %s; want lib/%s/%s.rego with package lib.%s",
			file, strings.TrimPrefix(got, "data."), name, name, name)
	}
	return lib
}

func (l *loader) parse(file string) ([]byte, *ast.Module) {
	source, err := fs.ReadFile(l.fsys, file)
	if err != nil {
		l.failf(file, 1, "read: %v", err)
		return nil, nil
	}
	module, err := ast.ParseModuleWithOpts(file, string(source), ast.ParserOptions{RegoVersion: ast.RegoV1, Capabilities: l.capabilities, ProcessAnnotation: path.Base(file) != "policy.rego"})
	if err != nil {
		l.failOPA(file, err)
		return source, nil
	}
	return source, module
}
