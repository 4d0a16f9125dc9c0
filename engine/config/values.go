package config

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/data-guard/guard/engine/policy"
)

// complete are all parameters that a policy is asked with: guard has doubt reported unless the file says otherwise.
func complete(p *policy.Policy, given map[string]any) map[string]any {
	all := map[string]any{"unknown": "deny"}
	maps.Copy(all, given)
	full, err := p.Schema.Complete(all)
	if err != nil {
		// Parse has completed what is given.
		return all
	}
	return full
}

// direction knows the parameters that every policy has; what another means is the policy's.
func direction(name string, before, after any) Effect {
	switch name {
	case "unknown":
		if after == "ignore" {
			return Loosens
		}
		return Tightens
	case "severities":
		if _, gone := gained(before, after); len(gone) > 0 {
			return Loosens
		}
		return Tightens
	case "maxExemptionDays":
		if number(after) > number(before) {
			return Loosens
		}
		return Tightens
	default:
		return Either
	}
}

func number(value any) float64 {
	var n float64
	if err := json.Unmarshal([]byte(text(value)), &n); err != nil {
		return 0
	}
	return n
}

// told ends a sentence about a parameter.
func told(before, after any) string {
	added, gone := gained(before, after)
	var words []string
	if len(added) > 0 {
		words = append(words, "gains "+strings.Join(added, ", "))
	}
	if len(gone) > 0 {
		words = append(words, "loses "+strings.Join(gone, ", "))
	}
	if len(words) == 0 {
		return "goes from " + text(before) + " to " + text(after)
	}
	return strings.Join(words, " and ")
}

// gained are the items that only one of two lists has; none unless both are lists.
func gained(before, after any) (added, gone []string) {
	a, okBefore := before.([]any)
	b, okAfter := after.([]any)
	if !okBefore || !okAfter {
		return nil, nil
	}
	was, is := texts(a), texts(b)
	without := func(list, other []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(item string) bool { return slices.Contains(other, item) })
	}
	return without(is, was), without(was, is)
}

func texts(values []any) []string {
	list := make([]string, 0, len(values))
	for _, value := range values {
		list = append(list, text(value))
	}
	return list
}

// text is a value as JSON, the same for equal values.
func text(value any) string {
	out, err := json.Marshal(value)
	if err != nil {
		return "?"
	}
	return string(out)
}

func list(words []string) string { return strings.Join(words, ", ") }
