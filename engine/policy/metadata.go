package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/gatekeeper/v3/pkg/mutation/match"
	"github.com/open-policy-agent/opa/v1/ast"
	"go.yaml.in/yaml/v3"
)

// metadata is the closed schema of a policy's METADATA block: a key that is not here is refused.
type metadata struct {
	Title            string      `yaml:"title"`
	Description      string      `yaml:"description"`
	RelatedResources []Reference `yaml:"related_resources"`
	Custom           custom      `yaml:"custom"`
}

type custom struct {
	Severities  []Severity     `yaml:"severities"`
	Incidents   []string       `yaml:"incidents"`
	Remediation string         `yaml:"remediation"`
	Match       map[string]any `yaml:"match"`
	Asks        []Question     `yaml:"asks"`
	Reads       []string       `yaml:"reads"`
	Parameters  map[string]any `yaml:"parameters"`
	Exemptible  *bool          `yaml:"exemptible"`
	// Subresources through which requests reach the policy's objects.
	Subresources []string `yaml:"subresources"`
	// Admission is false for a policy that only audit asks in a cluster; AdmissionReason says why.
	Admission       *bool  `yaml:"admission"`
	AdmissionReason string `yaml:"admissionReason"`
	// Weakens is true for a policy about a change that takes protection away and destroys nothing yet.
	Weakens bool `yaml:"weakens"`
	// Supersedes are ids of policies whose findings about the same object say less about the same harm.
	Supersedes []string `yaml:"supersedes"`
}

var (
	yamlLine     = regexp.MustCompile(`^(?:yaml: )?(?:unmarshal errors:\s*)?line (\d+): (.*)$`)
	unknownField = regexp.MustCompile(`^field (\S+) not found in type \S+$`)
	readsForm    = regexp.MustCompile(`^([a-z0-9.-]+/)?v[0-9a-z]+/[A-Z][A-Za-z]+$`)
)

// readMetadata fills the policy from the METADATA block above its package line.
func (l *loader) readMetadata(p *Policy) {
	text, line := metadataBlock(p.Module)
	if text == "" {
		l.failf(p.File, 1, "read METADATA: there is no METADATA block above the package")
		return
	}
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	var m metadata
	if err := decoder.Decode(&m); err != nil {
		l.failYAML(p.File, line, err)
		return
	}
	at := func(key string) int { return line + lineOf(text, key) }
	required := func(key, value string) string {
		if strings.TrimSpace(value) == "" {
			l.failf(p.File, at(key), "read METADATA: %s is missing", key)
		}
		return strings.TrimSpace(value)
	}
	p.Title = required("title", m.Title)
	p.Description = required("description", m.Description)
	p.Remediation = required("remediation", m.Custom.Remediation)
	p.References = m.RelatedResources
	p.Severities, p.Incidents, p.Asks, p.Reads = m.Custom.Severities, m.Custom.Incidents, m.Custom.Asks, m.Custom.Reads
	p.Exemptible = m.Custom.Exemptible == nil || *m.Custom.Exemptible
	p.Subresources = m.Custom.Subresources
	p.Weakens, p.Supersedes = m.Custom.Weakens, m.Custom.Supersedes
	l.checkLists(p, at)
	l.readAdmission(p, m.Custom, at)
	l.readMatch(p, m.Custom.Match, at("match"))
	schema, err := newSchema(m.Custom.Parameters, p)
	if err != nil {
		l.failf(p.File, at("parameters"), "read METADATA: parameters: %v", err)
	}
	p.Schema = schema
}

func (l *loader) checkLists(p *Policy, at func(string) int) {
	if len(p.Severities) == 0 {
		l.failf(p.File, at("severities"), "read METADATA: severities is missing")
	}
	for i, s := range p.Severities {
		if s.Rank() == len(Severities()) || slices.Contains(p.Severities[:i], s) {
			l.failf(p.File, at("severities"), "read METADATA: severities: %q is unknown or stands twice", s)
		}
	}
	if len(p.Asks) == 0 {
		l.failf(p.File, at("asks"), "read METADATA: asks is missing")
	}
	for _, q := range p.Asks {
		if !slices.Contains([]Question{AsksState, AsksCreate, AsksUpdate, AsksDelete}, q) {
			l.failf(p.File, at("asks"), "read METADATA: asks: %q is none of state, create, update, delete", q)
		}
	}
	if p.Asked(AsksState) && p.Asked(AsksCreate) {
		l.failf(p.File, at("asks"), "read METADATA: asks: create stands beside state, which every CREATE is asked anyway")
	}
	if p.Weakens && !p.Asked(AsksCreate) && !p.Asked(AsksUpdate) && !p.Asked(AsksDelete) {
		l.failf(p.File, at("weakens"), "read METADATA: weakens stands without a change that is asked about: create, update or delete")
	}
	for i, id := range p.Supersedes {
		if id == p.ID || slices.Contains(p.Supersedes[:i], id) {
			l.failf(p.File, at("supersedes"), "read METADATA: supersedes: %q is the policy itself or stands twice", id)
		}
	}
	for _, r := range p.Reads {
		if !readsForm.MatchString(r) {
			l.failf(p.File, at("reads"), "read METADATA: reads: %q is not apiVersion/Kind", r)
		}
	}
	for _, r := range p.References {
		if !strings.HasPrefix(r.Ref, "https://") {
			l.failf(p.File, at("related_resources"), "read METADATA: related_resources: %q is no https address", r.Ref)
		}
	}
}

// readAdmission wants a reason where a policy is not asked at admission, and only there.
func (l *loader) readAdmission(p *Policy, c custom, at func(string) int) {
	reason := strings.TrimSpace(c.AdmissionReason)
	switch asked := c.Admission == nil || *c.Admission; {
	case asked && reason != "":
		l.failf(p.File, at("admissionReason"), "read METADATA: admissionReason stands without admission: false")
	case !asked && reason == "":
		l.failf(p.File, at("admission"), "read METADATA: admission: false needs admissionReason")
	case !asked:
		p.AuditOnly = reason
	}
	for i, s := range p.Subresources {
		if !slices.Contains([]string{"status", "scale", "finalize", "eviction"}, s) || slices.Contains(p.Subresources[:i], s) {
			l.failf(p.File, at("subresources"), "read METADATA: subresources: %q is none of status, scale, finalize, eviction or stands twice", s)
		}
	}
}

// readMatch takes Gatekeeper's own type, so that a key it does not know is refused here too.
func (l *loader) readMatch(p *Policy, source map[string]any, line int) {
	text, err := json.Marshal(source)
	if err == nil {
		decoder := json.NewDecoder(strings.NewReader(string(text)))
		decoder.DisallowUnknownFields()
		var m match.Match
		if err = decoder.Decode(&m); err == nil {
			p.Match, p.MatchSource = m, source
		}
	}
	if err != nil {
		l.failf(p.File, line, "read METADATA: match: %v", err)
	} else if len(p.Match.Kinds) == 0 {
		l.failf(p.File, line, "read METADATA: match names no kinds")
	}
}

// failYAML reports each of the decoder's complaints at its line.
func (l *loader) failYAML(file string, first int, err error) {
	complaints := []string{err.Error()}
	if typed, ok := errors.AsType[*yaml.TypeError](err); ok {
		complaints = typed.Errors
	}
	for _, complaint := range complaints {
		line := first
		if m := yamlLine.FindStringSubmatch(complaint); m != nil {
			if n, err := strconv.Atoi(m[1]); err == nil {
				line, complaint = first+n-1, m[2]
			}
		}
		if m := unknownField.FindStringSubmatch(complaint); m != nil {
			complaint = fmt.Sprintf("unknown key %q", m[1])
		}
		l.failf(file, line, "read METADATA: %s", complaint)
	}
}

// metadataBlock returns the YAML of the comment block right above the package, and its first line in the file.
func metadataBlock(m *ast.Module) (text string, line int) {
	end := m.Package.Location.Row
	byRow := map[int]string{}
	for _, c := range m.Comments {
		byRow[c.Location.Row] = string(c.Text)
	}
	for row := end - 1; ; row-- {
		comment, ok := byRow[row]
		if !ok {
			return "", 0
		}
		if strings.TrimSpace(comment) == "METADATA" {
			return text, row + 1
		}
		text = strings.TrimPrefix(comment, " ") + "\n" + text
	}
}

// lineOf counts the lines before the key; 0 when it is not there.
func lineOf(text, key string) int {
	for i, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), key+":") {
			return i
		}
	}
	return 0
}
