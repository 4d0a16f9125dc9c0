package object

import (
	"bytes"
	"encoding/json"
	"sync"

	"go.yaml.in/yaml/v3"
)

// memo keeps what finding one place in a document has taught, for the next: a List may have thousands of findings.
type memo struct {
	linesOnce, rootOnce, itemsOnce sync.Once

	lineStarts []int
	root       *yaml.Node
	itemStarts []int
}

// lines are the offsets at which lines begin.
func (d *Document) lines() []int {
	d.memo.linesOnce.Do(func() {
		d.memo.lineStarts = []int{0}
		for at := 0; ; {
			end := bytes.IndexByte(d.Text[at:], '\n')
			if end < 0 || at+end+1 == len(d.Text) {
				return
			}
			at += end + 1
			d.memo.lineStarts = append(d.memo.lineStarts, at)
		}
	})
	return d.memo.lineStarts
}

// yamlRoot is the parsed document, nil when it cannot be parsed.
func (d *Document) yamlRoot() *yaml.Node {
	d.memo.rootOnce.Do(func() {
		var root yaml.Node
		if err := yaml.Unmarshal(d.Text, &root); err == nil && len(root.Content) > 0 {
			d.memo.root = root.Content[0]
		}
	})
	return d.memo.root
}

// jsonItems are the offsets at which the items of a JSON List begin; none when it is no List.
func (d *Document) jsonItems() []int {
	d.memo.itemsOnce.Do(func() {
		reader := json.NewDecoder(bytes.NewReader(d.Text))
		if _, _, found := enterJSON(reader, d.Text, "items"); !found {
			return
		}
		if token, err := reader.Token(); err != nil || token != json.Delim('[') {
			return
		}
		for reader.More() {
			start := skipJSONSpace(d.Text, int(reader.InputOffset()))
			var skipped json.RawMessage
			if err := reader.Decode(&skipped); err != nil {
				return
			}
			d.memo.itemStarts = append(d.memo.itemStarts, start)
		}
	})
	return d.memo.itemStarts
}
