package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/gatekeeper/v3/pkg/wildcard"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/version"
)

// oldest is the first Gatekeeper that knows all of what the bundle uses: OPA 1.10 and operations of a template.
const oldest = "3.21"

// program is Gatekeeper as its Deployments start it.
type program struct {
	// version is nil when no image says it; of several it is the oldest.
	version *version.Version
	// pods is how many are ready.
	pods int
	// operations are nil when nothing was seen, and empty when no flag restricts them.
	operations []string
	// mayIgnore are the namespaces that may carry the label by which they are ignored.
	mayIgnore []wildcard.Wildcard
}

// String is the version, "unknown" when it cannot be seen.
func (p program) String() string {
	if p.version == nil {
		return "unknown"
	}
	return p.version.String()
}

// runs says whether any pod does the operation: without the flag, each does all (gatekeeper v3.23 pkg/operations). What
// was not seen is taken to run.
func (p program) runs(operation string) bool {
	return len(p.operations) == 0 || slices.Contains(p.operations, operation)
}

func programOf(in *Installation) program {
	var p program
	restricted := true
	for _, d := range in.Deployments {
		for _, c := range d.Spec.Template.Spec.Containers {
			if !isGatekeeper(d, c) {
				continue
			}
			p.pods += int(d.Status.ReadyReplicas)
			if v := versionOf(c.Image); v != nil && (p.version == nil || v.LessThan(p.version)) {
				p.version = v
			}
			operations := flags(c, "operation")
			restricted = restricted && len(operations) > 0
			p.operations = append(p.operations, operations...)
			for name, pattern := range map[string]string{"exempt-namespace": "%s", "exempt-namespace-prefix": "%s*", "exempt-namespace-suffix": "*%s"} {
				for _, value := range flags(c, name) {
					p.mayIgnore = append(p.mayIgnore, wildcard.Wildcard(fmt.Sprintf(pattern, value)))
				}
			}
		}
	}
	if !restricted {
		p.operations = nil
	}
	slices.Sort(p.mayIgnore)
	return p
}

// isGatekeeper goes by the image's name and, for an image renamed, by the label that manifest and chart set.
func isGatekeeper(d appsv1.Deployment, c corev1.Container) bool {
	image, _, _ := strings.Cut(c.Image, "@")
	name := image[strings.LastIndex(image, "/")+1:]
	name, _, _ = strings.Cut(name, ":")
	return name == "gatekeeper" || c.Name == "manager" && d.Spec.Template.Labels["gatekeeper.sh/system"] == "yes"
}

func versionOf(image string) *version.Version {
	image, _, _ = strings.Cut(image, "@")
	_, tag, _ := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
	v, err := version.ParseSemantic(tag)
	if err != nil {
		return nil
	}
	return v
}

// flags are the values of a flag that may be repeated, in the spellings of Go's package flag.
func flags(c corev1.Container, name string) []string {
	var values []string
	words := slices.Concat(c.Command, c.Args)
	for i, word := range words {
		given, value, inOne := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(word, "-"), "-"), "=")
		switch {
		case !strings.HasPrefix(word, "-") || given != name:
		case inOne:
			values = append(values, value)
		case i+1 < len(words):
			values = append(values, words[i+1])
		}
	}
	return values
}

// here judges Gatekeeper itself, and whether the cluster has anything for the policy to judge.
func (j *judge) here(s *subject) []Gap {
	var gaps []Gap
	switch floor := version.MustParseGeneric(oldest); {
	case j.unread("deployments"):
		gaps = append(gaps, Gap{"gatekeeper-version", Unknown, "Gatekeeper's Deployments could not be read: want version " + oldest + " or newer", nil})
	case j.program.version == nil:
		gaps = append(gaps, Gap{"gatekeeper-version", Note, "Gatekeeper's version cannot be seen: want " + oldest + " or newer", nil})
	case j.program.version.WithPreRelease("").LessThan(floor):
		gaps = append(gaps, Gap{"gatekeeper-version", Blocks, "Gatekeeper " + j.program.String() + " is too old: want " + oldest + " or newer", nil})
	}
	if s.AuditOnly != "" && !j.program.runs("audit") {
		gaps = append(gaps, Gap{"audit-off", Blocks, "only audit asks this policy, and no Deployment of Gatekeeper runs --operation=audit", nil})
	}
	if len(s.needs) > 0 && !j.program.runs("webhook") {
		gaps = append(gaps, Gap{"webhook-off", Blocks, "no Deployment of Gatekeeper runs --operation=webhook", nil})
	}
	if !s.served {
		gaps = append(gaps, Gap{"kinds-not-served", Note, "the cluster has none of the kinds that this policy judges", nil})
	}
	return gaps
}
