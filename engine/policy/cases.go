package policy

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// Case is one story that a policy has an answer to: its test, and its example.
type Case struct {
	// Name is the file's name without .txtar; it begins with deny_ or allow_.
	Name string
	// Story is the text above the files.
	Story string
	// Files are old.yaml, new.yaml, inventory.yaml, parameters.yaml, request.yaml, want and e2e.yaml (why a real API
	// server cannot be asked), as far as they are there.
	Files map[string]string
}

// ReadCases reads the policy's cases in the order of their names. A file that a case cannot have is an error.
func (p *Policy) ReadCases() ([]Case, error) {
	if p.Cases == nil {
		return nil, nil
	}
	names, err := fs.Glob(p.Cases, "*.txtar")
	if err != nil {
		return nil, fmt.Errorf("list cases of policy %s: %w", p.ID, err)
	}
	slices.Sort(names)
	var cases []Case
	for _, name := range names {
		text, err := fs.ReadFile(p.Cases, name)
		if err != nil {
			return nil, fmt.Errorf("read case of policy %s: %w", p.ID, err)
		}
		archive := txtar.Parse(text)
		c := Case{Name: strings.TrimSuffix(path.Base(name), ".txtar"), Story: strings.TrimSpace(string(archive.Comment)), Files: map[string]string{}}
		for _, f := range archive.Files {
			if !slices.Contains([]string{"old.yaml", "new.yaml", "inventory.yaml", "parameters.yaml", "request.yaml", "want", "e2e.yaml"}, f.Name) {
				return nil, fmt.Errorf("read case %s of policy %s: unknown file %s", name, p.ID, f.Name)
			}
			c.Files[f.Name] = string(f.Data)
		}
		cases = append(cases, c)
	}
	return cases, nil
}
