package object

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/open-policy-agent/opa/v1/ast"
)

// FromJSON turns what encoding/json and Kubernetes' libraries make of a JSON text (maps, slices, strings, int64,
// float64, json.Number, bool, nil) into a value. Any other Go type is an error.
func (d *Decoder) FromJSON(value any) (ast.Value, error) {
	term, err := d.term(value)
	if err != nil {
		return nil, err
	}
	return term.Value, nil
}

func (d *Decoder) term(value any) (*ast.Term, error) {
	switch v := value.(type) {
	case map[string]any:
		pairs := make([][2]*ast.Term, 0, len(v))
		for key, child := range v {
			term, err := d.term(child)
			if err != nil {
				return nil, err
			}
			pairs = append(pairs, [2]*ast.Term{d.text(key), term})
		}
		return ast.NewTerm(ast.NewObject(pairs...)), nil
	case []any:
		items := make([]*ast.Term, 0, len(v))
		for _, child := range v {
			term, err := d.term(child)
			if err != nil {
				return nil, err
			}
			items = append(items, term)
		}
		return ast.ArrayTerm(items...), nil
	case string:
		return d.text(v), nil
	case bool:
		return ast.InternedTerm(v), nil
	case int64:
		return ast.NumberTerm(json.Number(strconv.FormatInt(v, 10))), nil
	case float64:
		return ast.FloatNumberTerm(v), nil
	case json.Number:
		return ast.NumberTerm(v), nil
	case nil:
		return ast.NullTerm(), nil
	default:
		return nil, fmt.Errorf("convert: %T is no JSON", value)
	}
}
