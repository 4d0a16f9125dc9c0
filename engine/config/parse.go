package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
)

// doubts are the values of unknown, the strictest last.
func doubts() []string { return []string{"ignore", "report", "fail"} }

// thresholds are the values of fail-on, the strictest last.
func thresholds() []string {
	words := []string{Never}
	for _, s := range policy.Severities() {
		words = append(words, string(s))
	}
	return words
}

// Parse reads the text of a file that is named name; known are the policies that it can speak of. A text without a value
// is a file that says nothing. The error joins a *Problem for everything that is wrong, in the order of the file, and
// then there is no Config.
func Parse(name string, text []byte, known []*policy.Policy) (*Config, error) {
	r := &reader{file: name, places: map[string]object.Place{}}
	c := &Config{File: name, places: r.places}
	if root := r.root(text); root != nil {
		r.mapping("", root, refused,
			field{"paths", r.texts(&c.Paths, below)},
			field{"ignore", r.texts(&c.Ignore, CheckPattern)},
			field{"charts", r.charts(&c.Charts)},
			field{"policies", r.policies(&c.Policies, known)},
			field{"fail-on", r.text(&c.FailOn, oneOf(thresholds()))},
			field{"unknown", r.text(&c.Unknown, oneOf(doubts()))},
			field{"namespace", r.text(&c.Namespace, label)},
			field{"kube-version", r.version(&c.KubeVersion, kubeVersion)},
			field{"api-versions", r.texts(&c.APIVersions, apiVersion)},
		)
	}
	if len(r.problems) == 0 {
		return c, nil
	}
	slices.SortStableFunc(r.problems, func(a, b *Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	problems := make([]error, 0, len(r.problems))
	for _, p := range r.problems {
		problems = append(problems, p)
	}
	return nil, errors.Join(problems...)
}

var syntaxLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

// root is the file's value; nil when there is none.
func (r *reader) root(text []byte) *yaml.Node {
	start := &yaml.Node{Line: 1, Column: 1}
	if len(text) > maxFile {
		r.failf(start, "the file is longer than %d bytes", maxFile)
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, second yaml.Node
	err := decoder.Decode(&document)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err == nil:
		err = decoder.Decode(&second)
	}
	switch {
	case errors.Is(err, io.EOF):
	case err == nil:
		r.failf(&second, "a second document begins; want one")
	default:
		found := syntaxLine.FindStringSubmatch(err.Error())
		if line, err := strconv.Atoi(found[1]); err == nil {
			start.Line = line
		}
		r.failf(start, "%s", strings.TrimPrefix(err.Error(), found[0]))
		return nil
	}
	if len(document.Content) == 0 || document.Content[0].Kind == yaml.ScalarNode && document.Content[0].ShortTag() == "!!null" {
		return nil
	}
	return document.Content[0]
}

// refused says of a key that stands for something real why no file can say it.
func refused(key string) string {
	folded := strings.ReplaceAll(strings.ToLower(key), "_", "-")
	switch {
	case slices.Contains([]string{"allow-remote", "network", "remote", "plugins", "plugin", "exec", "enable-exec", "enable-helm"}, folded):
		return key + ": no file can turn on network access, remote bases or plugins: only who runs guard can, where there is a flag for it"
	case slices.Contains([]string{"include", "exclude", "disable", "disabled", "skip"}, folded):
		return key + ": a file switches a policy off with policies: {ID: {enabled: false}}"
	case slices.Contains([]string{"parameters", "severities"}, folded):
		return key + ": they stand with their policy: policies: {ID: {" + map[string]string{"parameters": "parameters", "severities": "severity"}[folded] + ": ...}}"
	case slices.Contains([]string{"chart", "values", "set", "set-string", "set-file", "release-name"}, folded):
		return key + ": it stands with its chart: charts: [{path: CHART, release-name: NAME, values: [{name: SET, files: [...], set: [...]}]}]"
	case slices.Contains(callersOwn(), folded):
		return fmt.Sprintf("%s: no file can say it: who runs guard gives --%s or GUARD_%s", key, folded, strings.ReplaceAll(strings.ToUpper(folded), "-", "_"))
	default:
		return ""
	}
}

// callersOwn are flags of guard eval that a file cannot set: what is compared, which cluster is asked, how the report
// looks and what becomes of it is up to who runs guard.
func callersOwn() []string {
	return []string{
		"all", "all-namespaces", "allow-empty", "base", "base-exact", "context", "filename", "kubeconfig", "kustomize", "live", "output",
		"request-timeout", "snapshot",
	}
}

func oneOf(words []string) func(string) string {
	return func(word string) string {
		if slices.Contains(words, word) {
			return ""
		}
		return "is unknown; want " + enumerate(words, "or")
	}
}

// below minds a path that leaves the file's folder: the file speaks for what is below it.
func below(file string) string {
	switch {
	case path.IsAbs(file) || strings.Contains(file, ":\\"):
		return "is absolute; want a path relative to the file's folder"
	case slices.Contains(strings.Split(file, "/"), ".."):
		return "may leave the file's folder; want a path below it"
	case file == "-":
		return "is standard input, which only the command line names"
	case path.Clean(file) != strings.TrimSuffix(file, "/"):
		return fmt.Sprintf("is not written plainly; want %q", path.Clean(file))
	}
	return ""
}

// CheckPattern says what is wrong with a pattern of Ignore, as the end of a sentence; "" when nothing is.
func CheckPattern(glob string) string {
	switch {
	case strings.HasPrefix(glob, "!"):
		return "begins with !; a pattern takes nothing back"
	case strings.HasPrefix(glob, "/") || strings.HasPrefix(glob, "./"):
		return "is no pattern: it is matched from the folder on, so leave out what stands before the first name"
	case slices.Contains(strings.Split(glob, "/"), ".."):
		return "may leave the folder; want a pattern below it"
	case !doublestar.ValidatePattern(glob):
		return "is no pattern: a bracket, a brace or an escape is not closed"
	}
	return ""
}

func label(name string) string {
	if complaints := validation.IsDNS1123Label(name); len(complaints) > 0 {
		return "is no name that a namespace can have"
	}
	return ""
}

// kubeForm is how Helm takes a version: v1.31, 1.31.4, 1.31.4-gke.100.
var kubeForm = regexp.MustCompile(`^v?[0-9]+\.[0-9]+(\.[0-9]+)?([-+][0-9A-Za-z.+-]+)?$`)

func kubeVersion(version string) string {
	if !kubeForm.MatchString(version) {
		return "is no version of Kubernetes; want one like 1.31"
	}
	return ""
}

// apiForm is a group with a version, or v1, and after it perhaps a kind.
var apiForm = regexp.MustCompile(`^([a-z0-9.-]+/)?v[0-9][0-9a-z]*(/[A-Z][A-Za-z0-9]*)?$`)

func apiVersion(version string) string {
	if !apiForm.MatchString(version) {
		return "is no API version; want GROUP/VERSION or GROUP/VERSION/KIND"
	}
	return ""
}
