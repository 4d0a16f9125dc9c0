package config

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// Nearest is the word of those that a person is likely to have meant, whatever its case and its separators; "" when none
// is near.
func Nearest(word string, words []string) string {
	plain := strings.NewReplacer("-", "", "_", "", " ", "")
	fold := func(s string) string { return plain.Replace(strings.ToLower(s)) }
	nearest, least := "", len(word)/3+1
	for _, w := range words {
		if d := levenshtein.ComputeDistance(fold(word), fold(w)); d < least {
			nearest, least = w, d
		}
	}
	return nearest
}

// didYouMean ends a message about a word that is none of words; otherwise is what it says when none is near.
func didYouMean(word string, words []string, otherwise string) string {
	if n := Nearest(word, words); n != "" {
		return "; did you mean " + n + "?"
	}
	return "; " + otherwise
}

// enumerate writes "a, b or c".
func enumerate(words []string, conjunction string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + conjunction + " " + words[len(words)-1]
}
