package finding

import (
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/review"
)

// Verdict is what a change does to data, in the words of its worst findings. Each object stands in one list, the first
// that fits.
type Verdict struct {
	// Destroys are objects whose data goes with this change for certain.
	Destroys []string `json:"destroys"`
	// MayDestroy are objects whose data goes if what nobody showed is as bad as it may be, or with one more mistake.
	MayDestroy []string `json:"mayDestroy"`
	// Weakens are objects that keep their data and have one safety net less.
	Weakens []string `json:"weakens"`
	// Risks counts findings about what stands after the change and did not before.
	Risks int `json:"risks"`
}

// Clean says that there is nothing to tell.
func (v *Verdict) Clean() bool {
	return len(v.Destroys)+len(v.MayDestroy)+len(v.Weakens)+v.Risks == 0
}

// Judge draws the verdict from the findings of a change, worst first. Suppressed ones are somebody's decision and do not
// count; neither do those of low or info severity.
func Judge(findings []Finding) *Verdict {
	v := &Verdict{Destroys: []string{}, MayDestroy: []string{}, Weakens: []string{}}
	told := map[string]bool{}
	for _, list := range []struct {
		names *[]string
		fits  func(*Finding) bool
	}{
		{&v.Destroys, func(f *Finding) bool {
			return !f.Policy.Weakens && f.Severity == policy.Critical && len(f.Unknown) == 0
		}},
		{&v.MayDestroy, func(f *Finding) bool {
			return !f.Policy.Weakens && (f.Severity == policy.Critical || f.Severity == policy.High)
		}},
		{&v.Weakens, func(*Finding) bool { return true }},
	} {
		for i := range findings {
			f := &findings[i]
			name := f.Object.String()
			if f.Operation != review.State && f.Severity.Rank() <= policy.Medium.Rank() && list.fits(f) && !told[name] {
				told[name] = true
				*list.names = append(*list.names, name)
			}
		}
	}
	for _, f := range findings {
		if f.Operation == review.State {
			v.Risks++
		}
	}
	return v
}
