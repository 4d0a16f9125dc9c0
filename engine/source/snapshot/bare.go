package snapshot

import (
	"bytes"
	"os"
	"strconv"

	"github.com/open-policy-agent/opa/v1/ast"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine/object"
)

// bare are the objects of a file that is nothing but a list of them, as Sonobuoy and troubleshoot.sh write: no manifest,
// and refused as one. Of any other file, and of a list in which a single item is no object, there are none.
func bare(place object.Place) []*object.Object {
	text, err := os.ReadFile(place.File)
	if err != nil || !bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) && !bytes.HasPrefix(bytes.TrimSpace(text), []byte("- ")) {
		return nil
	}
	converted, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil
	}
	value, _, err := object.NewDecoder().DecodeJSON(converted)
	items, ok := value.(*ast.Array)
	if err != nil || !ok {
		return nil
	}
	document := &object.Document{File: place.File, Line: 1, Text: text, JSON: text[0] == '['}
	var objects []*object.Object
	for i := range items.Len() {
		o, err := object.New(items.Elem(i).Value, object.Origin{Document: document, Steps: []string{strconv.Itoa(i)}})
		if err != nil {
			return nil
		}
		objects = append(objects, o)
	}
	return objects
}
