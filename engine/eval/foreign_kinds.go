package eval

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/frameworks/constraint/pkg/core/templates"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/cachemanager/parser"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/mutation/match"
)

// Kinds calls about for each constraint: whose it is, what it matches, and the "apiVersion/Kind" that its template says
// it looks up, all alternatives included.
func (f *Foreign) Kinds(about func(policy string, m match.Match, reads []string)) error {
	for _, c := range f.constraints {
		var spec struct {
			Spec struct {
				Match match.Match `json:"match"`
			} `json:"spec"`
		}
		if err := decode(c, &spec); err != nil {
			return fmt.Errorf("load constraint %s: %w", c.Name, err)
		}
		about(c.Kind, spec.Spec.Match, f.reads[c.Kind])
	}
	return nil
}

// Unsaid are the kinds of templates that look into the inventory and do not say for what, sorted.
func (f *Foreign) Unsaid() []string {
	var kinds []string
	for _, t := range f.templates {
		text := t.Value.String()
		kind := f.kinds[t]
		if strings.Contains(text, "data.inventory") && len(f.reads[kind]) == 0 {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}

// reads is what the template's annotation asks Gatekeeper to sync.
func reads(t *templates.ConstraintTemplate) ([]string, error) {
	requirements, err := parser.ReadSyncRequirements(t)
	if err != nil {
		return nil, err
	}
	var reads []string
	for _, alternatives := range requirements {
		for gvk := range alternatives {
			reads = append(reads, gvk.GroupVersion().String()+"/"+gvk.Kind)
		}
	}
	slices.Sort(reads)
	return slices.Compact(reads), nil
}
