package review

import "github.com/data-guard/guard/engine/object"

// Granted is head, the questions about a change, where each object's exemptions count as far as they held before it.
// base are the state questions of the objects before the change. An update reads both sides itself. What is in no
// CREATE and in no UPDATE of head is as it was; where both base and a cluster have an object, base's word counts. An
// object that the API server will name is the one before the change with the same prefix.
func Granted(head, base []*Review) []*Review {
	before := map[*object.Object]map[string]string{}
	unnamed := annotationsOfUnnamed(base)
	for _, r := range head {
		if _, known := before[r.Object]; known || r.Object == nil {
			continue
		}
		switch {
		case r.Operation == Update:
			before[r.Object] = orEmpty(r.Old.Annotations)
		case r.Operation == Create && r.Object.Name == "":
			before[r.Object] = orEmpty(unnamed[prefixOf(r.Object)])
		case r.Operation == Create:
			before[r.Object] = map[string]string{}
		}
	}
	granted := make([]*Review, 0, len(head))
	for _, r := range head {
		if annotations := before[r.Object]; annotations != nil && (r.Operation == State || r.Operation == Create) {
			changed := *r
			changed.Granted = annotations
			r = &changed
		}
		granted = append(granted, r)
	}
	return granted
}

// annotationsOfUnnamed are, by the prefix of the name, what the first of them says under each key.
func annotationsOfUnnamed(base []*Review) map[string]map[string]string {
	unnamed := map[string]map[string]string{}
	for _, r := range base {
		if r.Object == nil || r.Object.Name != "" {
			continue
		}
		id := prefixOf(r.Object)
		if unnamed[id] == nil {
			unnamed[id] = map[string]string{}
		}
		for key, text := range r.Object.Annotations {
			if _, said := unnamed[id][key]; !said {
				unnamed[id][key] = text
			}
		}
	}
	return unnamed
}

func orEmpty(annotations map[string]string) map[string]string {
	if annotations == nil {
		return map[string]string{}
	}
	return annotations
}

func prefixOf(o *object.Object) string { return o.Group + "/" + o.String() }
