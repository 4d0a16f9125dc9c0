package source

import (
	"bytes"
	"errors"
	"io"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/data-guard/guard/engine/object"
)

// looksLikeJSON tells JSON from a YAML flow mapping ({a: 1}) and a template ({{ ... }}) by its second token.
func looksLikeJSON(text []byte) bool {
	rest := bytes.TrimSpace(text[1:])
	return len(rest) > 0 && (rest[0] == '"' || rest[0] == text[0]+2 || (text[0] == '[' && (rest[0] == '{' || rest[0] == '[')))
}

// jsonDocuments finds the values of a JSON stream, one after another.
func (r *Read) jsonDocuments(path string, text []byte) []*object.Document {
	var docs []*object.Document
	line := 1
	for {
		skip := len(text) - len(bytes.TrimLeft(text, " \t\r\n"))
		line += bytes.Count(text[:skip], []byte{'\n'})
		text = text[skip:]
		if len(text) == 0 {
			return docs
		}
		end := jsonEnd(text)
		docs = append(docs, &object.Document{File: path, Line: line, Text: text[:end], JSON: true})
		line += bytes.Count(text[:end], []byte{'\n'})
		text = text[end:]
	}
}

// jsonEnd is the end of the value that text begins with, by its brackets; a broken value takes all of the text.
func jsonEnd(text []byte) int {
	depth, quoted, escaped := 0, false, false
	for i, b := range text {
		switch {
		case escaped:
			escaped = false
		case quoted && b == '\\':
			escaped = true
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '{' || b == '[':
			depth++
		case b == '}' || b == ']':
			if depth--; depth <= 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

func decodeJSON(decoder *object.Decoder, d *object.Document) (ast.Value, []Problem) {
	value, end, err := decoder.DecodeJSON(d.Text)
	var syntax *object.SyntaxError
	switch {
	case err == nil && len(bytes.TrimSpace(d.Text[end:])) > 0:
		line, column := d.Position(end)
		return nil, []Problem{{object.Place{File: d.File, Line: line, Column: column}, "parse JSON: something stands after the value"}}
	case err == nil:
		return value, nil
	case errors.As(err, &syntax):
		line, column := d.Position(syntax.Offset - 1)
		return nil, []Problem{{object.Place{File: d.File, Line: line, Column: column}, syntax.Message}}
	case errors.Is(err, io.EOF):
		return nil, nil
	default:
		return nil, []Problem{{d.Start(), err.Error()}}
	}
}
