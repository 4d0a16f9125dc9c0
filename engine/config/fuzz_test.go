package config_test

import (
	"strings"
	"testing"

	"github.com/data-guard/guard/engine/config"
)

// FuzzParse holds that no text makes the reader panic, that every complaint has a place, and that what is taken can be
// used.
func FuzzParse(f *testing.F) {
	for text := range refusals() {
		f.Add([]byte(text))
	}
	f.Add([]byte("paths: [a]\nignore: ['**/b/', '{a,b}/[c]']\nfail-on: never\nkube-version: 1.30\ncharts: [{path: a, values: [{name: b, set: [a=b]}]}]\n" +
		"policies: {pv-reclaim-recycle: {enabled: false, severity: low, parameters: {allowedVolumes: [a]}}}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := config.Parse("f", text, known())
		if err != nil {
			for line := range strings.SplitSeq(err.Error(), "\n") {
				if !strings.HasPrefix(line, "f:") {
					t.Errorf("%q has no place", line)
				}
			}
			return
		}
		for _, r := range c.Renders() {
			if r.Chart == "" || r.Place.Line < 1 {
				t.Errorf("%+v", r)
			}
		}
		for _, s := range c.Settings() {
			if s.Place.Line < 1 {
				t.Errorf("%+v", s)
			}
		}
		c.Ignores(".", "a/b/c.yaml", false)
		if changes := config.Changes(c, c, known()); changes != nil {
			t.Errorf("nothing changes: %v", changes)
		}
		for _, change := range config.Changes(nil, c, known()) {
			if change.Place.Line < 1 {
				t.Errorf("%+v", change)
			}
		}
	})
}
