package source

import (
	"strings"

	"github.com/data-guard/guard/engine/object"
)

// Decoded is what one document became.
type Decoded struct {
	Objects  []*object.Object
	Skipped  []Skipped
	Problems []Problem
	// Empty says that there was nothing to read: null, or a list without items.
	Empty bool
}

// Decode reads documents that a tool has made and nobody wrote: one Decoded each, in their order. Lists are taken apart. Since
// the tool was to make objects, text and what has neither apiVersion nor kind are problems here. A key that stands twice in
// a mapping is skipped but for its last value, as such tools do before they send JSON. Places are those of the documents.
func Decode(docs []*object.Document) []Decoded {
	return decodeAll(docs, decodeMade)
}

func decodeMade(decoder *object.Decoder, d *object.Document) Decoded {
	p := part{made: true}
	p.decode(decoder, d)
	return Decoded{Objects: p.objects, Problems: p.problems, Skipped: p.skipped, Empty: p.empty}
}

// last tells of the keys that stand twice, of which the tool keeps the last.
func (p *part) last(twice []Problem) {
	for _, t := range twice {
		reason, _, _ := strings.Cut(strings.TrimPrefix(t.Message, "parse YAML: "), ", on line ")
		p.skipped = append(p.skipped, Skipped{Place: t.Place, Reason: reason + "; the last counts"})
	}
}
