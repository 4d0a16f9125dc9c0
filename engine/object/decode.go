package object

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// maxDepth is how deep a document may nest; encoding/json and go-yaml stop at the same depth.
const maxDepth = 10000

// SyntaxError says what is wrong with a document, and where in its text.
type SyntaxError struct {
	// Offset counts bytes from the start of the decoded text.
	Offset int64
	// Message has no position in it.
	Message string
}

// Error is the message alone: who knows the file adds the place.
func (e *SyntaxError) Error() string { return e.Message }

// Decoder turns JSON texts into values. One decoder is for one goroutine: it keeps the strings it has
// seen, since manifests repeat their keys.
type Decoder struct {
	seen map[string]*ast.Term
}

// NewDecoder returns a decoder that has seen nothing.
func NewDecoder() *Decoder { return &Decoder{seen: map[string]*ast.Term{}} }

// DecodeJSON reads the first JSON value of text and returns how many bytes it took. A key that stands twice
// in one object, as well as invalid JSON, is a *SyntaxError; an empty text is io.EOF.
func (d *Decoder) DecodeJSON(text []byte) (ast.Value, int64, error) {
	reader := json.NewDecoder(bytes.NewReader(text))
	reader.UseNumber()
	term, err := d.value(reader, 0)
	if err == nil {
		return term.Value, reader.InputOffset(), nil
	}
	var syntax *json.SyntaxError
	var own *SyntaxError
	switch {
	case errors.As(err, &own):
		return nil, 0, own
	case errors.As(err, &syntax):
		return nil, 0, &SyntaxError{Offset: syntax.Offset, Message: "parse JSON: " + syntax.Error()}
	case errors.Is(err, io.EOF) && len(bytes.TrimSpace(text)) == 0:
		return nil, 0, io.EOF
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, 0, &SyntaxError{Offset: int64(len(text)), Message: "parse JSON: the text ends in the middle of a value"}
	default:
		return nil, 0, &SyntaxError{Offset: reader.InputOffset(), Message: "parse JSON: " + err.Error()}
	}
}

func (d *Decoder) value(reader *json.Decoder, depth int) (*ast.Term, error) {
	token, err := reader.Token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, &SyntaxError{reader.InputOffset(), fmt.Sprintf("parse JSON: nested deeper than %d levels", maxDepth)}
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return d.object(reader, depth)
		}
		return d.array(reader, depth)
	case string:
		return d.text(t), nil
	case json.Number:
		return ast.NewTerm(ast.Number(t)), nil
	case bool:
		return ast.InternedTerm(t), nil
	default:
		return ast.NullTerm(), nil
	}
}

func (d *Decoder) object(reader *json.Decoder, depth int) (*ast.Term, error) {
	var pairs [][2]*ast.Term
	var keys map[string]struct{}
	for reader.More() {
		token, err := reader.Token()
		if err != nil {
			return nil, err
		}
		key, ok := token.(string)
		if !ok {
			return nil, &SyntaxError{reader.InputOffset(), "parse JSON: a key must be a string"}
		}
		if keys == nil {
			keys = make(map[string]struct{}, 8)
		}
		if _, twice := keys[key]; twice {
			return nil, &SyntaxError{reader.InputOffset() - int64(len(key)) - 1, fmt.Sprintf("parse JSON: key %q stands twice in one object", key)}
		}
		keys[key] = struct{}{}
		value, err := d.value(reader, depth+1)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, [2]*ast.Term{d.text(key), value})
	}
	if _, err := reader.Token(); err != nil {
		return nil, err
	}
	return ast.NewTerm(ast.NewObject(pairs...)), nil
}

func (d *Decoder) array(reader *json.Decoder, depth int) (*ast.Term, error) {
	var items []*ast.Term
	for reader.More() {
		item, err := d.value(reader, depth+1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	if _, err := reader.Token(); err != nil {
		return nil, err
	}
	return ast.ArrayTerm(items...), nil
}

// text shares the term of a short string that was seen before; long ones rarely repeat.
func (d *Decoder) text(s string) *ast.Term {
	if len(s) > 64 {
		return ast.StringTerm(s)
	}
	term, ok := d.seen[s]
	if !ok {
		s = strings.Clone(s)
		term = ast.StringTerm(s)
		d.seen[s] = term
	}
	return term
}
