package kustomize

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sigs.k8s.io/kustomize/api/types"

	"github.com/data-guard/guard/engine/source"
)

// explain makes problems of the error that kustomize stopped at. Where a file does not parse, its own problems say it
// better.
func (w *walk) explain(top *layer, err error) []source.Problem {
	var problems []source.Problem
	for _, l := range w.layers {
		for _, u := range l.uses {
			if u.path == "" || u.layer != nil || u.kind == file && !strings.HasPrefix(u.pointer, "/patches") {
				continue
			}
			for _, p := range source.Text(w.disk.show(u.path), w.disk.texts[u.path]).Problems {
				if strings.HasPrefix(p.Message, "parse ") {
					problems = append(problems, p)
				}
			}
		}
	}
	if len(problems) == 0 {
		problems = []source.Problem{top.problem("", "build kustomization: %s", w.words(err))}
	}
	return inOrder(problems)
}

// noise is what kustomize's errors hold beside what is wrong: it tries to read each entry as a file and as a folder and
// tells what is wrong with both, and prints what it has in memory, addresses and contents.
//
//nolint:gochecknoglobals // constants
var noise = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`accumulation err='accumulating resources from '[^']*': '[^']*' must resolve to a file': `), ""},
	{regexp.MustCompile(`accumulation err='(.*)': must build at directory: '[^']*': file is not directory`), "$1"},
	{regexp.MustCompile("(trouble configuring builtin \\S+) with config: `.*`"), "$1"},
	{regexp.MustCompile(`merging from generator &?\{.*\}: `), "merging from a generator: "},
	{regexp.MustCompile(`merging config &?\{.*\}: `), "merging a configuration: "},
	{regexp.MustCompile(`0x[0-9a-f]{6,}`), "..."},
}

// clone is where kustomize puts a remote repository.
var clone = regexp.MustCompile(`[^\s'"]*/kustomize-[0-9]+`)

// words is an error's text with files named as the user does, and nothing in it that is to become a Secret.
func (w *walk) words(err error) string {
	text := oneLine(err.Error())
	for _, n := range noise {
		text = n.pattern.ReplaceAllString(text, n.instead)
	}
	text = w.names(w.masked(text))
	first, size := utf8.DecodeRuneInString(text)
	if next, _ := utf8.DecodeRuneInString(text[size:]); unicode.IsUpper(first) && !unicode.IsUpper(next) {
		text = string(unicode.ToLower(first)) + text[size:]
	}
	return text
}

// names puts the names that are shown in place of the disk's.
func (w *walk) names(text string) string {
	folders := []string{w.disk.bound, w.disk.base, w.disk.top}
	for folder := range w.layers {
		folders = append(folders, folder)
	}
	slices.SortFunc(folders, func(a, b string) int { return len(b) - len(a) })
	for _, folder := range folders {
		if folder == "" || folder == "/" {
			continue
		}
		shown := w.disk.show(folder)
		if shown == "." {
			text = strings.ReplaceAll(text, folder+"/", "")
		}
		text = strings.ReplaceAll(text, folder, shown)
	}
	if w.disk.temporary != "" {
		text = clone.ReplaceAllString(text, "(clone)")
	}
	return text
}

// masked takes from a text what generators of Secrets say: literals and the lines of files.
func (w *walk) masked(text string) string {
	var secrets []string
	for _, l := range w.layers {
		if l == nil {
			continue
		}
		for _, g := range l.spec.SecretGenerator {
			secrets = append(secrets, secretsOf(g.KvPairSources)...)
		}
		for _, u := range l.uses {
			if u.path != "" && strings.HasPrefix(u.pointer, "/secretGenerator/") {
				secrets = append(secrets, strings.Split(string(w.disk.texts[u.path]), "\n")...)
			}
		}
	}
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	for _, secret := range secrets {
		if secret = strings.TrimSpace(secret); secret != "" && !strings.HasPrefix(secret, "#") {
			text = strings.ReplaceAll(text, secret, "(hidden)")
		}
	}
	return text
}

// secretsOf are the literals, and their values where they are long enough to be no word of a sentence.
func secretsOf(sources types.KvPairSources) []string {
	secrets := slices.Clone(sources.LiteralSources)
	for _, literal := range sources.LiteralSources {
		if _, value, _ := strings.Cut(literal, "="); len(value) > 3 {
			secrets = append(secrets, value, strings.Trim(value, `"'`))
		}
	}
	return secrets
}

// oneLine is a text without its line breaks.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
