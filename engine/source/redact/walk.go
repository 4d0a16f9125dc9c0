package redact

import (
	"slices"
	"strings"
)

// walker goes through one object.
type walker struct {
	*Redactor

	group, kind string
}

// fields is a map that stands under the name, field by field.
func (w walker) fields(name string, m map[string]any) map[string]any {
	kept := make(map[string]any, len(m))
	for key, value := range m {
		if v, ok := w.field(name, m, key, value); ok {
			kept[key] = v
		}
	}
	return kept
}

// field is what is left of one field of a map; ok is false when nothing is.
func (w walker) field(name string, parent map[string]any, key string, value any) (left any, ok bool) {
	m, isMap := value.(map[string]any)
	switch {
	case key == "managedFields", key == "openAPIV3Schema":
		return nil, false
	case isMap && (key == "annotations" || strings.HasSuffix(key, "Annotations")):
		return w.annotations(m), true
	case isMap && selects(key):
		return w.labels(m), true
	case isMap && w.opaque(key):
		return w.hidden(value), true
	case isMap && w.attributes(name, key):
		return w.known(m), true
	case key == "value" && isPair(parent):
		return w.variable(text(parent["name"]), value), true
	case executes(key) && !isMap:
		return w.words(parent, key, value), true
	case key == "message":
		return w.secret(value), true
	case w.sensitive(key):
		return w.secret(value), true
	default:
		return w.value(key, value), true
	}
}

// value is what is left where the name of the field says nothing.
func (w walker) value(name string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		if nested(name, v) {
			return w.Object(v)
		}
		return w.fields(name, v)
	case []any:
		kept := make([]any, len(v))
		for i, item := range v {
			kept[i] = w.value(name, item)
		}
		return kept
	case string:
		if w.suspicious(v) {
			return w.hide(v)
		}
		return v
	default:
		return v
	}
}

// nested says that the map is an object in another.
func nested(name string, m map[string]any) bool {
	return name != "" && text(m["apiVersion"]) != "" && text(m["kind"]) != "" &&
		(m["metadata"] != nil || m["data"] != nil || m["stringData"] != nil || m["spec"] != nil)
}

// hidden keeps the shape, and of its texts nothing.
func (w walker) hidden(value any) any {
	switch v := value.(type) {
	case map[string]any:
		kept := make(map[string]any, len(v))
		for key, child := range v {
			kept[key] = w.hidden(child)
		}
		return kept
	case []any:
		kept := make([]any, len(v))
		for i, item := range v {
			kept[i] = w.hidden(item)
		}
		return kept
	default:
		if s, ok := plain(v); ok {
			return w.hide(s)
		}
		return v
	}
}

// secret keeps of what is called a secret the references to where it is.
func (w walker) secret(value any) any {
	switch v := value.(type) {
	case map[string]any:
		kept := make(map[string]any, len(v))
		for key, child := range v {
			_, leaf := plain(child)
			switch {
			case leaf && slices.Contains(references, key):
				kept[key] = w.value(key, child)
			case key == "annotations" || selects(key):
				kept[key], _ = w.field("", v, key, child)
			default:
				kept[key] = w.secret(child)
			}
		}
		return kept
	case []any:
		kept := make([]any, len(v))
		for i, item := range v {
			kept[i] = w.secret(item)
		}
		return kept
	default:
		return w.hidden(v)
	}
}

// opaque says that a map of that name holds what users wrote, in no form that policies know.
func (w walker) opaque(key string) bool {
	switch key {
	case "data", "binaryData", "stringData":
		return true
	case "values", "valuesObject", "valuesInline", "extraArgs":
		return true
	default:
		return false
	}
}

// labels select and are kept, unless they are no labels at all.
func (w walker) labels(m map[string]any) map[string]any {
	kept := make(map[string]any, len(m))
	for key, value := range m {
		if s, ok := value.(string); ok && label.MatchString(s) {
			kept[key] = s
		} else {
			kept[key] = w.value(key, value)
		}
	}
	return kept
}

// isPair says that the map is a name with its value: a variable, a header, a parameter.
func isPair(m map[string]any) bool { return text(m["name"]) != "" }

// variable is the value of a variable: kept where it says in which directories data live.
func (w walker) variable(name string, value any) any {
	paths, ok := value.(string)
	if ok && slices.Contains(directoryVariables, name) && directories(paths) {
		return value
	}
	return w.hidden(value)
}

func directories(value string) bool {
	for path := range strings.SplitSeq(value, ",") {
		if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, " \t\r\n=@") {
			return false
		}
	}
	return true
}
