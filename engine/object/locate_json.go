package object

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf8"
)

func (d *Document) locateJSON(steps []string) Place {
	from := 0
	if len(steps) > 2 && steps[0] == "items" {
		if i, err := strconv.Atoi(steps[1]); err == nil && i >= 0 && i < len(d.jsonItems()) {
			from, steps = d.jsonItems()[i], steps[2:]
		}
	}
	start, end, missing := walkJSON(d.Text[from:], steps)
	start, end = from+start, from+end
	line, column := d.Position(int64(start))
	p := d.place(line, column, utf8.RuneCount(d.Text[start:end]))
	p.Missing = missing
	return p
}

// Position turns a byte offset of the text into line and column of the file, both from 1.
func (d *Document) Position(offset int64) (line, column int) {
	at := int(min(max(offset, 0), int64(len(d.Text))))
	lines := d.lines()
	i, _ := slices.BinarySearch(lines, at+1)
	return d.Line + i - 1, utf8.RuneCount(d.Text[lines[i-1]:at]) + 1
}

// walkJSON returns the span of the key (or list item) that steps lead to, or of its deepest parent that is there.
func walkJSON(text []byte, steps []string) (start, end int, missing bool) {
	reader := json.NewDecoder(bytes.NewReader(text))
	start = skipJSONSpace(text, 0)
	end = start + 1
	for _, step := range steps {
		s, e, ok := enterJSON(reader, text, step)
		if !ok {
			return start, end, true
		}
		start, end = s, e
	}
	return start, end, false
}

// enterJSON reads into the container that comes next, up to the value of step.
func enterJSON(reader *json.Decoder, text []byte, step string) (start, end int, ok bool) {
	token, err := reader.Token()
	if err != nil {
		return 0, 0, false
	}
	list := token == json.Delim('[')
	if !list && token != json.Delim('{') {
		return 0, 0, false
	}
	for i := 0; reader.More(); i++ {
		start = skipJSONSpace(text, int(reader.InputOffset()))
		name := strconv.Itoa(i)
		if !list {
			key, err := reader.Token()
			if err != nil {
				return 0, 0, false
			}
			if text, ok := key.(string); ok {
				name = text
			}
		}
		if name == step {
			if list {
				return start, start + 1, true
			}
			return start, int(reader.InputOffset()), true
		}
		var skipped json.RawMessage
		if err := reader.Decode(&skipped); err != nil {
			return 0, 0, false
		}
	}
	return 0, 0, false
}

func skipJSONSpace(text []byte, at int) int {
	for at < len(text)-1 && bytes.IndexByte([]byte(" \t\r\n,:"), text[at]) >= 0 {
		at++
	}
	return at
}
