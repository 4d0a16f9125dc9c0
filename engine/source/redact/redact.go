package redact

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Redactor hides values. Values that are equal stay equal to one Redactor, and tell nothing to another.
type Redactor struct {
	key []byte
	// names are those of fields that were seen, and whether a secret may stand there.
	names sync.Map
}

// New makes a Redactor with a random key.
func New() *Redactor {
	key := make([]byte, sha256.Size)
	rand.Read(key)
	return &Redactor{key: key}
}

// prefix marks what was hidden.
const prefix = "hmac:"

// hide is a hash in place of a text. An empty text is no secret, and says that there is none.
func (r *Redactor) hide(text string) string {
	if text == "" {
		return ""
	}
	code := hmac.New(sha256.New, r.key)
	code.Write([]byte(text))
	return prefix + hex.EncodeToString(code.Sum(nil)[:16])
}

// Object is o without what may be a secret, as the package says. o is as encoding/json or Kubernetes' libraries decode an
// object; it stays as it is.
func (r *Redactor) Object(o map[string]any) map[string]any {
	apiVersion, kind := text(o["apiVersion"]), text(o["kind"])
	group, _, named := strings.Cut(apiVersion, "/")
	if !named {
		group = ""
	}
	w := walker{r, group, kind}
	switch {
	case group == "" && kind == "Secret":
		return w.only(o, "apiVersion", "kind", "metadata", "type", "immutable")
	case group == "" && kind == "ConfigMap" && helmRelease(o):
		return w.only(o, "apiVersion", "kind", "metadata", "immutable")
	default:
		return w.fields("", typedItems(o))
	}
}

// only keeps these fields of the object's root.
func (w walker) only(o map[string]any, names ...string) map[string]any {
	kept := map[string]any{}
	for name, value := range o {
		if slices.Contains(names, name) {
			kept[name] = value
		}
	}
	return w.fields("", kept)
}

// helmRelease says that the object is Helm's memory of a release, values included (helm v4 pkg/storage/driver; Helm 2
// spelled the label OWNER).
func helmRelease(o map[string]any) bool {
	metadata, _ := o["metadata"].(map[string]any)    //nolint:errcheck // absent is empty
	labels, _ := metadata["labels"].(map[string]any) //nolint:errcheck // absent is empty
	return labels["owner"] == "helm" || labels["OWNER"] == "TILLER"
}

// typedItems gives the items of a typed list (SecretList) the kind that they leave out, so that they are known.
func typedItems(o map[string]any) map[string]any {
	kind, isList := strings.CutSuffix(text(o["kind"]), "List")
	items, ok := o["items"].([]any)
	if !isList || kind == "" || !ok {
		return o
	}
	typed := make([]any, len(items))
	for i, item := range items {
		typed[i] = item
		if m, ok := item.(map[string]any); ok && m["kind"] == nil {
			full := map[string]any{"apiVersion": o["apiVersion"], "kind": kind}
			maps.Copy(full, m)
			typed[i] = full
		}
	}
	full := maps.Clone(o)
	full["items"] = typed
	return full
}

// text is a string, "" for anything else.
func text(value any) string {
	s, _ := value.(string) //nolint:errcheck // "" is meant
	return s
}

// plain is a string or number as text; ok is false for everything else.
func plain(value any) (s string, ok bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case bool, nil, map[string]any, []any:
		return "", false
	default:
		return fmt.Sprint(v), true
	}
}
