package eval

import (
	"encoding/json"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/review"
)

// Details is what a violation says beside its message.
type Details struct {
	// Field is an RFC 6901 pointer from the object's root; "" is the object itself.
	Field    string          `json:"field"`
	Severity policy.Severity `json:"severity"`
	// Fix is a JSON Patch; nil where nothing mechanical is safe.
	Fix json.RawMessage `json:"fix,omitempty"`
	// Unknown names objects that would have decided and that nobody showed.
	Unknown []string `json:"unknown,omitempty"`
	// Related names other objects that the finding is about.
	Related []string `json:"related,omitempty"`
	// Exemption says why the object's exemption does not hold.
	Exemption string `json:"exemption,omitempty"`
	// Raw is the details value as the policy made it.
	Raw any `json:"-"`
}

// answer is one element of a policy's violation set.
type answer struct {
	message string
	details Details
}

// newAnswer reads an element. Gatekeeper takes any element with a msg, so does guard; a severity that is missing
// becomes the policy's usual one.
func newAnswer(term *ast.Term) (answer, error) {
	plain, err := ast.JSON(term.Value)
	if err != nil {
		return answer{}, fmt.Errorf("read violation %s: %w", term, err)
	}
	fields, isObject := plain.(map[string]any)
	message, ok := fields["msg"].(string)
	if !isObject || !ok {
		return answer{}, fmt.Errorf("read violation %s: msg is no string", term)
	}
	a := answer{message: message, details: Details{Raw: fields["details"]}}
	if fields["details"] == nil {
		return a, nil
	}
	text, err := json.Marshal(fields["details"])
	if err != nil {
		return answer{}, fmt.Errorf("read violation %s: %w", term, err)
	}
	if err := json.Unmarshal(text, &a.details); err != nil {
		return answer{}, fmt.Errorf("read violation %s: details: %w", term, err)
	}
	return a, nil
}

func (a answer) of(c *Constraint, r *review.Review, suppressed bool) Violation {
	details := a.details
	if details.Severity == "" {
		details.Severity = c.Policy.Severities[0]
	}
	return Violation{Constraint: c, Review: r, Message: a.message, Details: details, Suppressed: suppressed}
}
